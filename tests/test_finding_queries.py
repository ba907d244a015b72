"""Findings beside law, enforcement and each other, on four small invented platforms.

- Alphabird: a policy of 2024-01-10 that gains a right to correct on 2024-06-01, with channels,
  periods, a verified opt-out and a denial of sale beside advertising; and an agreement;
- Betafish: a policy without rights; Cormorant: terms only; Dunlin: a policy in German.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from clausegraph.api.enforcementmatch import CitedPlace, matches
from clausegraph.api.filters import UnknownIdError
from clausegraph.api.histories import File, load_files
from clausegraph.api.nodes import Budget, View
from clausegraph.api.portfolios import load_file
from clausegraph.api.problems import BadParameterError
from clausegraph.api.publish import publish
from clausegraph.api.reader import Entity
from clausegraph.api.textfacts import KEPT, Told, _Kept
from clausegraph.loaders.historyjob import HandedOver
from clausegraph.loaders.periods import periods
from clausegraph.ontology.iris import ID
from tests.published import with_law
from tests.small_histories import TODAY, Asker, at, reader_of

ALPHA = """# Alphabird Privacy Policy

Last updated: {date}

## What we collect

We collect names, e-mail addresses and the pages that you look at, and we use them to provide the
service, to keep it safe and to answer your questions.

We may sell your e-mail address to data brokers.

We do not sell personal information.

We share device identifiers with our advertising partners for cross-context behavioral advertising.

We use your drawings to train our artificial intelligence models.

## Your California privacy rights

You have the right to request access to your personal information{correct}, the right to request
that we delete it, and the right to opt out of the sale or sharing of your personal information.

You may make a verifiable opt-out request at any time.

## How to make a request

You can make a request in these ways:

- By sending an email to privacy@alphabird.example
- By using our web form
- By phone, toll-free at 1-800-555-0142

We may ask you for further facts to verify your identity before we act on a request for access.

We respond to requests within 30 days, and may take another 45 days where a request is hard.

We respond to opt-out requests within 20 business days.
"""
AGREEMENT = """# Alphabird Data Processing Agreement

This agreement is between Alphabird and its customers and is a part of the contract of both.

Alphabird acts as a processor on behalf of its customers and follows their instructions in writing.

Alphabird shall process personal data only for the limited and specified purposes of the contract.

Alphabird shall not sell or share personal information that it receives from the customer.

The agreement begins with the contract, ends with it, and is read together with the order form.
"""
BETA = """# Betafish Privacy Policy

We take names and addresses of people who write to us and keep them in a drawer for as long as the
account is open. We may change this notice and then post the new one here, so that you can read it.

To exercise your rights, please contact us as told at the end of this notice.

If a child under 13 has an account, send us an email at young@betafish.example to exercise rights.

To exercise your rights over our newsletters, send us an email at news@betafish.example at any time.
"""
TERMS = """# Cormorant Terms

You may use the desk and everything on it free of charge, by day and by night, as you like it.
"""
DUNLIN = """# Datenschutz bei Dunlin

Wir erheben Namen und Anschriften von Menschen, die uns schreiben, und bewahren sie auf, solange das
Konto offen ist. Wer mehr wissen will, kann uns jederzeit schreiben und bekommt eine Antwort.
"""
MORE = "\n\nThe herons of the marsh are counted in the evening, and the counts are kept in a book."


def capture(folder: Path, name: str, document: str, text: str, day: str) -> File:
    """A capture of a document; long enough to be read as one."""
    path = folder / f"{name}-{document}-{day}.md".replace(" ", "-")
    path.write_text(text)
    return File(name, document, HandedOver(path, datetime.fromtimestamp(at(day), UTC)))


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Asks the whole law with the four platforms, and a portfolio of two of them."""
    data = with_law(tmp_path_factory, tmp_path_factory.mktemp("answers") / "data")
    before = ALPHA.format(date="January 5, 2024", correct="")
    after = ALPHA.format(date="June 1, 2024", correct=", the right to correct it")
    notice = "Privacy Policy"
    files = [
        capture(data, "Alphabird", notice, before, "2024-01-10"),
        capture(data, "Alphabird", notice, after, "2024-06-01"),
        capture(data, "Alphabird", "Data Processing Agreement", AGREEMENT, "2024-02-01"),
        capture(data, "Betafish", notice, BETA + MORE * 2, "2024-03-01"),
        capture(data, "Cormorant", "Terms of Service", TERMS + MORE * 3, "2024-03-01"),
        capture(data, "Dunlin", notice, DUNLIN * 3, "2024-03-01"),
    ]
    load_files(data, files)
    publish(data)
    lists = data / "portfolios.yaml"
    lists.write_text("portfolios:\n- {id: two, name: Two, platforms: [alphabird, cormorant]}\n")
    load_file(data, lists)
    return Asker(reader_of(data))


def nodes(ask: Asker, field: str, fields: str) -> list[Any]:
    """The nodes of a list."""
    name = field.partition("(")[0]
    found: list[Any] = ask(f"{{ {field} {{ nodes {{ {fields} }} }} }}")[name]["nodes"]
    return found


NUMBERS = "denominators { tracked captured parsed examined }"
CHANNELS = """platform { label } right examined channels { kind byName quote { exact } }
    verificationAsked verification { exact } promised { number unit purpose byName slack } slack
    legalMaximum { quantity { amount unit role } } tensions { tension evidence { exact } }"""


@pytest.fixture(scope="module")
def channels(ask: Asker) -> dict[tuple[str, str], Any]:
    """The rows of request channels in California, by platform and right."""
    found = nodes(ask, 'requestChannels(jurisdiction: "us-ca", first: 100)', CHANNELS)
    return {(each["platform"]["label"], each["right"]): each for each in found}


def test_channels_are_quoted(channels: dict[tuple[str, str], Any]) -> None:
    """E-mail, form and telephone, offered for requests at all."""
    found = channels["Alphabird", "DELETE"]["channels"]

    assert [(each["kind"], each["byName"]) for each in found] == [
        ("EMAIL", False), ("FORM", False), ("PHONE", False)
    ]  # fmt: skip
    assert "privacy@alphabird.example" in found[0]["quote"]["exact"]


def test_a_channel_is_for_requests_of_everybody(channels: dict[tuple[str, str], Any]) -> None:
    """Words that name no channel are shown as such; those on children or newsletters are not."""
    found = channels["Betafish", "DELETE"]["channels"]

    assert [each["kind"] for each in found] == ["OTHER"]
    assert found[0]["quote"]["exact"].startswith("To exercise your rights")


def test_each_right_has_its_own_clock(channels: dict[tuple[str, str], Any]) -> None:
    """An opt-out is measured in business days against 15, other requests against 45 days."""
    know, out = channels["Alphabird", "KNOW"], channels["Alphabird", "OPT_OUT"]

    assert know["promised"] == [
        {"number": 30, "unit": "CALENDAR_DAY", "purpose": "ANSWER", "byName": False, "slack": 15},
        {"number": 45, "unit": "CALENDAR_DAY", "purpose": "EXTENSION", "byName": False, "slack": 0},
    ]
    assert know["slack"] == 15
    assert [(p["number"], p["unit"], p["byName"]) for p in out["promised"]] == [
        (20, "BUSINESS_DAY", True)
    ]
    assert out["slack"] == -5
    assert [each["quantity"]["amount"] for each in out["legalMaximum"]] == ["15"]


def test_a_clock_in_another_unit_gives_no_slack(ask: Asker) -> None:
    """Virginia counts calendar days for opt-outs; business days are not turned into them."""
    field = 'requestChannels(jurisdiction: "us-va", rights: [OPT_OUT], platform: ["alphabird"])'
    (found,) = nodes(ask, field, CHANNELS)

    assert [each["number"] for each in found["promised"]] == [20]
    assert {each["quantity"]["unit"] for each in found["legalMaximum"]} == {"CALENDAR_DAY"}
    assert found["slack"] is None


def test_a_verified_opt_out_is_a_tension(channels: dict[tuple[str, str], Any]) -> None:
    """It is asked for access and for opting out, not for deletion; only the opt-out collides."""
    asked = {right: channels["Alphabird", right]["verificationAsked"]
             for right in ("KNOW", "DELETE", "OPT_OUT")}  # fmt: skip
    tense = channels["Alphabird", "OPT_OUT"]["tensions"]

    assert asked == {"KNOW": True, "DELETE": False, "OPT_OUT": True}
    assert {each["tension"] for each in tense} == {"IDENTITY_FOR_OPT_OUT"}
    assert channels["Alphabird", "DELETE"]["tensions"] == []


def test_nothing_is_said_of_what_was_not_read(channels: dict[tuple[str, str], Any]) -> None:
    """No notice, and a notice in German: null is not false."""
    for name in ("Cormorant", "Dunlin"):
        found = channels[name, "KNOW"]
        assert (found["examined"], found["verificationAsked"], found["channels"]) == (
            False, None, []
        )  # fmt: skip
    assert channels["Betafish", "KNOW"]["verificationAsked"] is False


def test_answers_carry_numbers_method_and_notice(ask: Asker) -> None:
    """Each number among those before it; the notice travels as data."""
    found = ask(
        '{ requestChannels(jurisdiction: "us-ca", portfolio: ["two"], asOf: "2024-03-05", first: 0)'
        f"{{ totalCount asOf notice method {{ version }} {NUMBERS} }} }}"
    )["requestChannels"]

    assert found["denominators"] == {"tracked": 2, "captured": 1, "parsed": 1, "examined": 1}
    assert found["totalCount"] == 8
    assert found["asOf"] == date(2024, 3, 5) or found["asOf"] == "2024-03-05"
    assert "no question of law" in found["notice"]
    assert found["method"]["version"]


def test_an_agreement_is_held_against_the_contract(ask: Asker) -> None:
    """Two elements are there, six are missing, and the policy pulls apart from it three times."""
    fields = """platform { label } examined claimed { role } present { id quotes { exact } }
        missing { id } contradicting { agreement { exact } notice { exact } }
        questions { element text } findings { state }"""
    found = {each["platform"]["label"]: each
             for each in nodes(ask, 'roles(regime: "us-ca/ccpa")', fields)}  # fmt: skip
    alpha, beta = found["Alphabird"], found["Betafish"]

    assert [each["role"] for each in alpha["claimed"]] == ["SERVICE_PROVIDER"]
    assert [each["id"] for each in alpha["present"]] == [
        "contract-limited-purpose",
        "contract-no-sale",
    ]
    assert {each["id"] for each in alpha["missing"]} >= {"contract-monitoring-right"}
    assert {q["element"] for q in alpha["questions"]} >= {m["id"] for m in alpha["missing"]}
    assert [pair["notice"]["exact"][:22] for pair in alpha["contradicting"]] == [
        "We may sell your e-mai", "We share device identi", "We use your drawings t"
    ]  # fmt: skip
    assert (beta["examined"], beta["present"], beta["missing"]) == (False, [], [])
    assert beta["questions"]


def test_roles_need_a_rule_in_force(ask: Asker) -> None:
    """Before there was one, there is nothing to hold agreements against."""
    error = ask.error('{ roles(regime: "us-co/cpa", asOf: "2019-01-01") { totalCount } }')

    assert isinstance(error, BadParameterError)


COMPARE = """platform { label } stated forEverybody limits { exact }
    findings { state scope evidence { exact } }"""


def test_a_comparison_counts_every_row_once(ask: Asker) -> None:
    """The five states add up to all rows; nobody without a document is silent."""
    found = ask(
        '{ compare(requirement: ["us-ca/ccpa/right-to-correct"]) { totalCount adoption '
        f"{{ stated denied notStated notExamined tension of }} {NUMBERS} }} }}"
    )["compare"]
    (counts,) = found["adoption"]

    assert counts["stated"] == 1
    assert counts["notStated"] == 1
    assert counts.pop("of") == sum(counts.values()) == found["totalCount"]
    assert found["denominators"]["examined"] == 2


def test_an_order_by_reach_is_explained_by_its_fields(ask: Asker) -> None:
    """More stated comes first; by name nothing but the name counts."""
    topic = 'topic: ["right-to-delete", "right-to-access"]'
    reach = nodes(ask, f"compare({topic}, order: REACH)", COMPARE)
    names = nodes(ask, f"compare({topic})", COMPARE)
    keys = [(-e["stated"], -e["forEverybody"], len(e["limits"]), e["platform"]["label"])
            for e in reach]  # fmt: skip

    assert keys == sorted(keys)
    assert reach[0]["platform"]["label"] == "Alphabird"
    assert reach[0]["stated"] > 0
    assert [e["platform"]["label"] for e in names] == sorted(e["platform"]["label"] for e in names)


def test_what_nobody_is_held_against_cannot_be_compared(ask: Asker) -> None:
    """A topic without findings, and no topic at all, are errors; so is an unknown one."""
    for given in ('topic: ["definition-sale"]', 'platform: ["alphabird"]'):
        assert isinstance(ask.error(f"{{ compare({given}) {{ totalCount }} }}"), BadParameterError)
    unknown = ask.error('{ compare(topic: ["herons"]) { totalCount } }')
    assert isinstance(unknown, UnknownIdError)


CONTRACT = "us-ca/ccpa/processor-contract"


def test_a_topic_of_agreements_compares_agreements(ask: Asker) -> None:
    """What is held against agreements is looked for in them; a platform has one or has none."""
    found = ask(
        '{ compare(topic: ["processor-contract"], first: 100) { totalCount nodes { document { id } '
        "platform { label } } adoption { requirement { id } stated notStated notExamined of } "
        f"{NUMBERS} }} }}"
    )["compare"]
    counts = {each["requirement"]["id"].partition("requirement/")[2]: each
              for each in found["adoption"]}  # fmt: skip
    documents = {n["platform"]["label"]: n["document"] for n in found["nodes"]}

    assert documents["Alphabird"]["id"].endswith("/data-processing-agreement")
    assert documents["Betafish"] is None
    assert list(found["denominators"].values())[1:] == [1, 1, 1]
    assert (counts[CONTRACT]["notStated"], counts[CONTRACT]["of"]) == (1, found["totalCount"])


def test_each_requirement_counts_documents_of_its_own_kinds(ask: Asker) -> None:
    """Policies and agreements side by side: neither is counted for what it is not held against."""
    right = "us-ca/ccpa/right-to-correct"
    query = """query($r: [ID!]) { compare(requirement: $r, first: 100) { totalCount
        adoption { stated denied notStated notExamined tension of } } }"""
    apart = [ask(query, r=[each])["compare"]["adoption"][0] for each in (CONTRACT, right)]
    found = ask(query, r=[right, CONTRACT])["compare"]

    assert found["adoption"] == apart
    assert found["totalCount"] == apart[0]["of"] + 1
    assert all(c.pop("of") == sum(c.values()) for c in found["adoption"])


def test_what_no_document_is_held_against_has_no_document(ask: Asker) -> None:
    """A threshold that is asked for by its name: every platform, none of them examined."""
    query = """{ compare(requirement: ["us-ca/ccpa/threshold-volume"], first: 100) {
        totalCount nodes { document { id } } adoption { notExamined of } } }"""
    found = ask(query)["compare"]

    assert {each["document"] and each["document"]["id"] for each in found["nodes"]} == {None}
    assert found["adoption"] == [{"notExamined": found["totalCount"], "of": found["totalCount"]}]


MATCH = """action { label announcedOn } section { label } place requirement { id }
    platform { label } finding { state tension requirement { id } }"""


def test_actions_meet_tensions_at_the_section_that_they_cite(ask: Asker) -> None:
    """The orders on Ford and Honda cite the ban on verifying opt-outs; the latest comes first."""
    found = nodes(ask, "enforcementMatches(first: 100)", MATCH)

    assert [each["action"]["announcedOn"] for each in found] == sorted(
        (each["action"]["announcedOn"] for each in found), reverse=True
    )
    assert {each["platform"]["label"] for each in found} == {"Alphabird"}
    assert {each["requirement"]["id"].rpartition("/")[2] for each in found} == {"verification"}
    assert {each["finding"]["state"] for each in found} == {"TENSION"}


def test_actions_are_counted_with_those_that_cite_nothing(ask: Asker) -> None:
    """Most cite no section; other places and later days leave less."""
    field = "{{ enforcementMatches({}first: 0) {{ actions actionsWithSections totalCount }} }}"
    every = ask(field.format(""))["enforcementMatches"]
    connecticut = ask(field.format('jurisdictions: ["us-ct"], '))["enforcementMatches"]
    late = ask(field.format('since: "2026-01-01", '))["enforcementMatches"]

    assert every["actions"] > every["actionsWithSections"] > 0
    assert 0 < connecticut["actions"] < every["actions"]
    assert connecticut["totalCount"] == 0
    assert 0 < late["totalCount"] < every["totalCount"]


def test_actions_meet_gaps_of_agreements(ask: Asker) -> None:
    """An action that cites the section of a contract meets what an agreement lacks."""
    view = View(ask.reader, TODAY, Budget(10_000, time.monotonic() + 60))
    (asked,) = ask.reader.back(
        f"{ID}requirement/us-ca/ccpa/processor-contract-third-parties",
        "versionOf",
        "RequirementVersion",
    )[-1:]
    action = next(
        each for each in ask.reader.of_type("EnforcementAction") if each.one("announcedOn")
    )
    cites = Entity(action.iri, action.type, {**action.values, "cites": asked.all("cites")})
    found = matches(view, None, None, [cites], {CitedPlace.SAME})
    rows = [found.node(place) for place in found.places.read(None, None, 100, False)]

    assert ("Alphabird", "data-processing-agreement") in {
        (
            str(row.platform.entity.one("label")),
            row.finding.entity.one("document").rpartition("/")[2],
        )
        for row in rows
    }


def test_sections_within_are_shown_where_asked_for(ask: Asker) -> None:
    """What is found is another place, and a gap at the rule whose part an action cites."""
    within = nodes(ask, "enforcementMatches(places: [WITHIN], first: 100)", MATCH)

    assert {each["place"] for each in within} == {"WITHIN"}
    assert "Betafish" in {each["platform"]["label"] for each in within}


DIFFUSION = """points { day tracked captured examined stated } unexamined firstStated {
    nodes { platform { label } censoring since lastWithout { validFrom } firstWith { validFrom } } }"""


def spread(ask: Asker, requirement: str, start: str = "2024-01-01") -> Any:
    """How a requirement spread until the middle of 2024."""
    return ask(
        f'{{ diffusion(requirement: ["{requirement}"], from: "{start}", to: "2024-07-01")'
        f"{{ {DIFFUSION} }} }}"
    )["diffusion"]


def test_a_right_spreads_between_two_versions(ask: Asker) -> None:
    """Month by month, and an interval for the policy that gained it; the other is still without."""
    found = spread(ask, "us-ca/ccpa/right-to-correct")
    first = {each["platform"]["label"]: each for each in found["firstStated"]["nodes"]}

    assert [(p["captured"], p["examined"], p["stated"]) for p in found["points"]] == [
        (0, 0, 0), (1, 1, 0), (3, 2, 0), (3, 2, 0), (3, 2, 0), (3, 2, 1), (3, 2, 1)
    ]  # fmt: skip
    assert {key: str(first["Alphabird"][key]) for key in ("censoring", "since")} == {
        "censoring": "INTERVAL", "since": "2024-06-01"
    }  # fmt: skip
    assert str(first["Alphabird"]["lastWithout"]["validFrom"]) == "2024-01-10"
    assert (first["Betafish"]["censoring"], first["Betafish"]["firstWith"]) == ("RIGHT", None)
    assert set(first) == {"Alphabird", "Betafish"}
    assert found["unexamined"] == found["points"][0]["tracked"] - 2


def test_what_the_first_version_has_is_older_than_known(ask: Asker) -> None:
    """The right to delete stands in the first capture: only the end of the interval is known."""
    nodes_ = spread(ask, "us-ca/ccpa/right-to-delete")["firstStated"]["nodes"]

    assert nodes_[0]["platform"]["label"] == "Alphabird"
    assert (nodes_[0]["censoring"], nodes_[0]["lastWithout"]) == ("LEFT", None)


def test_a_contract_spreads_over_agreements(ask: Asker) -> None:
    """The agreement's own captures count, not those of the policy."""
    found = spread(ask, CONTRACT)
    (first,) = found["firstStated"]["nodes"]

    assert [(p["captured"], p["examined"], p["stated"]) for p in found["points"]] == [
        (0, 0, 0), *[(1, 1, 0)] * 6
    ]  # fmt: skip
    assert (first["platform"]["label"], first["censoring"]) == ("Alphabird", "RIGHT")


ALIGN = """requirement { id } cells { target examined pairs { relation counterpart { id }
    alignment { rationale source { id } } } }"""


def test_a_matrix_shows_what_nobody_compared(ask: Asker) -> None:
    """Cells with and without comparisons, and how many."""
    query = f"""{{ alignRequirements(source: "us-ca/ccpa", targets: ["us-va/vcdpa", "us-co"],
        first: 500) {{ totalCount cells cellsExamined nodes {{ {ALIGN} }} }} }}"""
    found = ask(query)["alignRequirements"]
    cells = [cell for row in found["nodes"] for cell in row["cells"]]

    assert len(cells) == found["cells"] == 2 * found["totalCount"]
    assert sum(cell["examined"] for cell in cells) == found["cellsExamined"]
    assert 0 < found["cellsExamined"] < found["cells"]
    assert all(bool(cell["pairs"]) is cell["examined"] for cell in cells)
    assert all("/us-ca/ccpa/" in row["requirement"]["id"] for row in found["nodes"])


def test_a_relation_reads_from_the_row(ask: Asker) -> None:
    """Seen from the other side, what was a part is the whole."""
    field = (
        'alignRequirements(source: "us-{}/right-to-delete", targets: ["us-{}"], asOf: "2026-10-01")'
    )
    (here,) = nodes(ask, field.format("ca/ccpa", "ct"), ALIGN)
    (there,) = nodes(ask, field.format("ct/ctdpa", "ca"), ALIGN)
    relations = {side["cells"][0]["pairs"][0]["relation"] for side in (here, there)}

    assert relations == {"SUBSET", "SUPERSET"}


def test_the_beginning_of_an_id_ends_at_a_dash(ask: Asker) -> None:
    """`notice` names the notice duties, not what only begins with these letters; nothing is an error."""
    field = 'alignRequirements(source: "us-ca/ccpa-regulations/{}", targets: ["us-va"], first: 500)'
    found = nodes(ask, field.format("notice"), "requirement { id }")

    assert found
    assert all("/ccpa-regulations/notice-" in each["requirement"]["id"] for each in found)
    unknown = ask.error("{ " + field.format("notic") + " { totalCount } }")
    assert isinstance(unknown, UnknownIdError)


def test_contradictions_quote_both_sides_and_the_law(ask: Asker) -> None:
    """A denial of sale beside advertising, with the definitions of both words on the day."""
    fields = """platform { label } says { exact version { id } } also { exact }
        findings { tension } definitions { requirement { id } validFrom }"""
    (found,) = nodes(ask, "contradictions", fields)

    assert [each["exact"] for each in found["says"]] == ["We do not sell personal information."]
    assert [each["exact"][:25] for each in found["also"]] == ["We share device identifie"]
    assert [d["requirement"]["id"].rpartition("/")[2] for d in found["definitions"]] == [
        "definition-sale", "definition-sharing"
    ]  # fmt: skip
    assert len(found["findings"]) == 2


def test_other_states_and_other_days_have_no_contradiction(ask: Asker) -> None:
    """Virginia does not ask for the statement; before the first capture there is no version."""
    for given in ('jurisdiction: ["us-va"]', 'asOf: "2023-12-31"', 'platform: ["betafish"]'):
        assert nodes(ask, f"contradictions({given})", "platform { label }") == []


def test_contradictions_say_which_documents_were_looked_at(ask: Asker) -> None:
    """Kinds and numbers; before the first capture, and of one platform, there are fewer."""

    def looked(given: str = "") -> list[dict[str, Any]]:
        field = "lookedAt { kind captured examined }"
        answer = ask("{ contradictions" + given + " { denominators { captured } " + field + " } }")
        (found,) = answer["contradictions"]["lookedAt"]
        assert found["captured"] == answer["contradictions"]["denominators"]["captured"]
        return [found]

    (all_of,), (one,), (none,) = (
        looked(),
        looked('(platform: ["betafish"])'),
        looked('(asOf: "2020-01-01")'),
    )
    assert all_of["kind"] == one["kind"] == none["kind"] == "PRIVACY_POLICY"
    assert all_of["captured"] >= all_of["examined"] > 1
    assert (one["captured"], none["captured"], none["examined"]) == (1, 0, 0)


def test_pages_of_rows_go_on_after_a_cursor(ask: Asker) -> None:
    """Two pages are the whole list."""
    query = """query($after: String) { requestChannels(jurisdiction: "us-ca", first: 7, after: $after) {
        totalCount nodes { platform { label } right } pageInfo { endCursor hasNextPage } } }"""
    rows, after = [], None
    while True:
        page = ask(query, after=after)["requestChannels"]
        rows += [(each["platform"]["label"], each["right"]) for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(set(rows)) == len(rows) == page["totalCount"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We answer within 45 days.", [(45, "calendar-day", "answer")]),
        ("We answer within forty-five (45) days.", [(45, "calendar-day", "answer")]),
        ("We reply within one month of a request.", [(1, "month", "answer")]),
        ("It may take up to 2 weeks to respond.", [(14, "calendar-day", "answer")]),
        ("We confirm receipt within 10 business days.", [(10, "business-day", "acknowledgement")]),
        (
            "We confirm within 10 business days and answer within 45 days.",
            [(10, "business-day", "acknowledgement"), (45, "calendar-day", "answer")],
        ),
        ("We may take another 45 days.", [(45, "calendar-day", "extension")]),
        ("If we need more time (up to 90 days), we say so.", [(90, "calendar-day", "other")]),
        ("We answer within 45 days, in a total of 90 days.",
         [(45, "calendar-day", "answer"), (90, "calendar-day", "total")]),
        ("An appeal is decided within 60 days.", [(60, "calendar-day", "appeal")]),
        ("We disclosed it within the past 12 months.", []),
        ("You may ask twice in any 12-month period.", []),
        ("You may write to us within 30 days.", []),
    ],
)  # fmt: skip
def test_periods_are_told_by_their_step(text: str, expected: list[Any]) -> None:
    """Numbers in words and figures; what looks back or counts requests is no promise."""
    assert [(each.number, each.unit, each.purpose) for each in periods(text)] == expected


def test_the_texts_read_last_are_kept() -> None:
    """A text is read once; beyond the most that are kept, the one asked longest ago goes."""
    kept, made = _Kept(), []

    def make() -> tuple[Told, ...]:
        made.append(1)
        return ()

    for name in ["first", "first", *map(str, range(KEPT)), "first"]:
        kept.get(name, make)

    assert len(made) == KEPT + 2
