"""Opinions on findings and mappings: side by side, merged anew each time, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from clausegraph.api import examine, opiniontypes
from clausegraph.api.cli import main
from clausegraph.api.cli_review import REVIEW_STATES
from clausegraph.api.histories import load_files, remove
from clausegraph.api.ledger import Ledger
from clausegraph.api.opiniontypes import of_document
from clausegraph.api.portfolios import UnpublishedError
from clausegraph.api.publish import publish, publish_held
from clausegraph.api.reader import Entity, Reader, slug
from clausegraph.api.releases import Releases
from clausegraph.api.review import REVIEWERS, Given, NoJudgementError, OpinionError, give
from clausegraph.api.store import writing
from clausegraph.loaders.opinions import Opinion, review_state
from clausegraph.ontology.terms import vocabulary
from clausegraph.shapes.report import InvalidGraphError
from tests.judged import ALPHA, BETA, capture
from tests.published import copied, with_law
from tests.small_histories import Asker
from tests.test_examine import findings, reader

DELETE = "us-ca/ccpa/right-to-delete"
CORRECT = "us-ca/ccpa/right-to-correct"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole law with two invented policies."""
    data = with_law(tmp_path_factory, tmp_path_factory.mktemp("reviewed") / "data")
    text = ALPHA.format(date="January 5, 2024", correct="")
    load_files(
        data,
        [
            capture(data, "Alphabird", text, "2024-01-10"),
            capture(data, "Betafish", BETA * 3, "2024-03-01"),
        ],
    )
    publish(data)
    return data


@pytest.fixture
def own(base: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return copied(base, tmp_path / "data")


@pytest.fixture(scope="module")
def upheld(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy in which Ada Quill has confirmed the last finding; nobody may change it."""
    data = copied(base, tmp_path_factory.mktemp("upheld") / "data")
    done = give(data, opinion(data, "Ada Quill", "confirm"), at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert done.changed
    return data


@pytest.fixture
def after(upheld: Path, tmp_path: Path) -> Path:
    """A copy of that."""
    return copied(upheld, tmp_path / "after")


def judgement(data: Path, requirement: str = DELETE) -> Entity:
    """The last finding of Alphabird's policy about a requirement."""
    return findings(data, requirement)[-1]


def state(data: Path, requirement: str = DELETE) -> str:
    """Its review state."""
    return slug(str(judgement(data, requirement).one("reviewState")))


def opinions(data: Path) -> list[Entity]:
    """All opinions of the release."""
    return reader(data).of_type("Opinion")


def opinion(
    data: Path, author: str, decision: str, state: str = "", reason: str = "Seen."
) -> Given:
    """An opinion on that finding."""
    return Given(judgement(data).iri, author, decision, reason, state)


def test_nobody_has_looked_at_first(base: Path) -> None:
    """Every finding and mapping awaits review."""
    for kind in ("Finding", "Mapping"):
        found = reader(base).of_type(kind)
        assert found
        assert {slug(str(each.one("reviewState"))) for each in found} == {"pending"}


def test_one_who_upholds(upheld: Path) -> None:
    """The opinion has author, time, reason, and the digest of the words."""
    assert state(upheld) == "confirmed"
    (each,) = opinions(upheld)
    assert each.one("judgement") == judgement(upheld).iri
    assert each.one("evidenceSha256") == judgement(upheld).one("evidenceSha256")
    assert slug(str(each.one("findingState"))) == "stated"
    assert str(each.one("givenAt")).startswith("2026-03-02")
    author = reader(upheld).entity(str(each.one("creator")))
    assert author is not None
    assert author.one("label") == "Ada Quill"


def test_the_same_again_changes_nothing(after: Path) -> None:
    """Neither a second opinion nor a second release."""
    (first,), release = opinions(after), Releases(after).current().id
    again = give(after, opinion(after, "Ada Quill", "confirm"))
    assert not again.changed
    assert again.iris == (first.iri,)
    assert again.release.id == Releases(after).current().id == release


def test_two_who_differ(after: Path) -> None:
    """Both opinions stand; the judgement is in dispute; the method's own state stays."""
    give(after, opinion(after, "Ben Ink", "amend", "not-stated", "It is for staff only."))
    assert state(after) == "disputed"
    assert len(opinions(after)) == 2
    assert slug(str(judgement(after).one("findingState"))) == "stated"


def test_one_who_changes_their_mind(after: Path) -> None:
    """The last opinion of an author counts; the first one is still there."""
    give(after, opinion(after, "Ada Quill", "reject"), at=datetime(2026, 3, 3, tzinfo=UTC))
    assert state(after) == "rejected"
    assert len(opinions(after)) == 2


def test_a_new_run_of_the_method_keeps_opinions(after: Path) -> None:
    """Everything is examined again from nothing; the opinion and what follows from it stay."""
    publish(after, verify=True)
    assert state(after) == "confirmed"
    assert len(opinions(after)) == 1


def test_changed_words_have_to_be_reviewed_again(after: Path, tmp_path: Path) -> None:
    """What is on the new words says so, a finding and a mapping; that on the old keeps its state."""
    release = reader(after)
    iri = f"https://w3id.org/clausegraph/id/requirement/{DELETE}"
    mapping = min(
        release.back(iri, "requirement", "Mapping"), key=lambda each: each.one("validFrom")
    )
    give(after, Given(mapping.iri, "Ada Quill", "confirm", "Seen."))
    text = ALPHA.format(date="June 1, 2024", correct=", the right to correct it")
    load_files(after, [capture(tmp_path, "Alphabird", text, "2024-06-01")])
    publish(after)
    stated = [slug(str(each.one("reviewState"))) for each in findings(after, DELETE)]
    assert (stated[0], stated[-1]) == ("confirmed", "outdated")
    found = reader(after).back(iri, "requirement", "Mapping")
    reviews = {str(each.one("validFrom")): slug(str(each.one("reviewState"))) for each in found}
    assert (reviews["2024-01-10"], reviews["2024-06-01"]) == ("confirmed", "outdated")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"decision": "applaud"}, "the decision is one of"),
        ({"author": " "}, "an opinion has an author"),
        ({"author": "x" * 121}, "an opinion has an author"),
        ({"reasoning": ""}, "an opinion has a reason"),
        ({"reasoning": "x" * 2_001}, "an opinion has a reason"),
        ({"decision": "amend"}, "who amends a finding says its state"),
        ({"decision": "amend", "state": "perfect"}, "who amends a finding says its state"),
        ({"state": "denied"}, "a state is given to amend a finding"),
        ({"decision": "amend", "state": "not-statd"}, "did you mean not-stated"),
    ],
)
def test_what_is_no_opinion_is_refused(base: Path, given: dict[str, str], told: str) -> None:
    """With the reason, and nothing is written."""
    whole = {"author": "Ada", "decision": "confirm", "reasoning": "Seen."} | given
    with pytest.raises(OpinionError, match=told):
        give(base, Given(judgement(base).iri, **whole))
    assert opinions(base) == []


@pytest.mark.parametrize("iri", ["finding/alphabird/nothing", "document/alphabird/privacy-policy"])
def test_what_is_no_judgement_is_refused(base: Path, iri: str) -> None:
    """An id that is nothing, and one that is something else."""
    with pytest.raises(NoJudgementError, match="there is no finding or mapping"):
        give(base, Given(iri, "Ada", "confirm", "Seen."))


def test_what_others_loaded_is_not_published_by_the_way(own: Path, tmp_path: Path) -> None:
    """An opinion publishes itself and nothing else."""
    load_files(own, [capture(tmp_path, "Gammarat", BETA * 3, "2024-03-01")])
    with pytest.raises(UnpublishedError):
        give(own, opinion(own, "Ada", "confirm"))
    assert opinions(own) == []


def test_the_command_line(own: Path) -> None:
    """List, amend by the id that is shown, list again."""
    run = CliRunner().invoke
    where = ["--data", str(own)]
    listed = run(
        main, ["review", "list", "alphabird/privacy-policy", "--json", "--most", "1000", *where]
    )
    rows = orjson.loads(listed.stdout)["judgements"]
    row = min(
        (each for each in rows if each["requirement"] == DELETE), key=lambda each: str(each["from"])
    )
    assert (row["state"], row["review"], row["opinions"]) == ("stated", "pending", [])
    assert "delete" in row["words"][0]
    who = ["--author", "Ada Quill", "--reason", "It is not."]
    done = run(main, ["review", "amend", row["id"], "--state", "denied", *who, *where])
    assert done.exit_code == 0, done.output
    shown = run(main, ["review", "list", "alphabird/privacy-policy", "--state", "amended", *where])
    assert "amend: It is not." in shown.stdout
    wrong = run(main, ["review", "confirm", "finding/x", *who, *where])
    assert wrong.exit_code == 1
    assert "no-such-judgement" in wrong.stderr


def test_a_release_of_before_has_no_later_opinion(base: Path, upheld: Path) -> None:
    """What was known on a day stays what was known."""
    before = Releases(base).current().id
    assert Releases(upheld).current().id != before
    assert not Reader(Releases(upheld).get(before)).of_type("Opinion")


def test_merging() -> None:
    """All opinions on these words together; nobody's, if there are none."""

    def one(author: str, decision: str, evidence: str = "now", state: str = "") -> Opinion:
        return Opinion("Finding", "r", evidence, author, datetime(2026, 1, 1), decision, state)

    assert review_state([], "now") == "pending"
    assert review_state([one("a", "confirm", "then")], "now") == "pending"
    assert review_state([one("a", "confirm", "then")], "now", {"then"}) == "outdated"
    assert review_state([one("a", "reject"), one("b", "reject")], "now") == "rejected"
    both = [one("a", "amend", state="denied"), one("b", "amend", state="not-stated")]
    assert review_state(both, "now") == "disputed"


def test_the_same_words_in_another_state_are_not_confirmed_with_it() -> None:
    """Who confirmed that words state a right said nothing of their tension with a later rule."""
    held = [Opinion("Finding", "r", "now", "a", datetime(2026, 1, 1), "confirm", "stated")]
    assert review_state(held, "now", now="stated") == "confirmed"
    assert review_state(held, "now", now="tension") == "outdated"


def test_what_is_gone_takes_opinions_along(after: Path) -> None:
    """A platform can be removed after somebody held something of its policy."""
    remove(after, "alphabird")
    publish(after)
    assert opinions(after) == []
    assert findings(after, DELETE) == []


def test_opinions_of_one_moment_keep_their_order(after: Path) -> None:
    """Given at the same moment, the one that was given last counts, and none is lost."""
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for decision, reason, held in (
        ("reject", "No.", "rejected"),
        ("confirm", "Yes, after all.", "confirmed"),
        ("reject", "Never mind.", "rejected"),
    ):
        give(after, opinion(after, "Ada Quill", decision, reason=reason), at=moment)
        assert state(after) == held
    assert len({each.one("givenAt") for each in opinions(after)}) == 4


@pytest.mark.parametrize("text", ["finding/foo bar", "<>", "finding/\x00", "http://["])
def test_what_no_judgement_can_be_called(own: Path, text: str) -> None:
    """It is refused as unknown, without a trace of the store's own error."""
    with pytest.raises(NoJudgementError):
        give(own, Given(text, "Ada Quill", "confirm", "Seen."))


@pytest.mark.parametrize(
    ("author", "reason"), [("\x1b[31mEve", "Seen."), ("Eve", "a\x00b"), ("Eve", "\x1b[2J")]
)
def test_control_characters_are_refused(own: Path, author: str, reason: str) -> None:
    """They would reach the terminal of whoever lists opinions."""
    with pytest.raises(OpinionError, match="control characters"):
        give(own, opinion(own, author, "confirm", reason=reason))


def test_an_opinion_publishes_no_other_rules(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rules have changed since, that is published first, by itself."""
    monkeypatch.setattr(examine, "rules_digest", lambda: "other rules")
    given = opinion(own, "Ada Quill", "confirm")
    with pytest.raises(UnpublishedError, match="other rules"):
        give(own, given)


def test_only_later_findings_are_outdated(base: Path, tmp_path: Path) -> None:
    """An opinion on what a policy says now tells nothing of what it said before."""
    data = copied(base, tmp_path / "data")
    text = ALPHA.format(date="June 1, 2024", correct=", the right to correct it")
    load_files(data, [capture(data, "Alphabird", text, "2024-06-01")])
    publish(data)
    then, now = (findings(data, CORRECT)[at] for at in (0, -1))
    assert then.iri != now.iri
    give(data, Given(now.iri, "Ada Quill", "confirm", "Seen."))
    states = [slug(str(each.one("reviewState"))) for each in findings(data, CORRECT)]
    assert states[-1] == "confirmed"
    assert set(states[:-1]) == {"pending"}


def listed(data: Path, *given: str) -> Result:
    """What the list command prints."""
    return CliRunner().invoke(main, ["review", "list", *given, "--data", str(data)])


def test_the_list_shows_no_control_characters(own: Path) -> None:
    """Whatever way an opinion came into the store, nothing in it steers the terminal."""
    give(own, opinion(own, "Eve Ink", "confirm", reason="Seen by Eve."))
    planted = {
        REVIEWERS: ("Eve Ink", "Eve\\u001B[2J Ink"),
        opinions_graph(own): ("Seen by Eve.", "See\\u0000n\\u001B[1A\\u202Eby\\tEve."),
    }
    with writing(own) as writer, Ledger(own) as ledger:
        for name, (old, new) in planted.items():
            lines = [str(quad.triple).replace(old, new) for quad in writer.of(name)]
            assert writer.amend(name, lines)
        publish_held(own, writer, ledger)
    shown = listed(own, "alphabird/privacy-policy", "--state", "confirmed").stdout

    assert "\ufffd[2J Ink" in shown
    assert "See\ufffdn\ufffd[1A\ufffdby Eve." in shown
    assert all(each.isprintable() for each in shown.splitlines())


def opinions_graph(data: Path) -> str:
    """The graph of the opinions on Alphabird's policy."""
    with writing(data) as writer:
        (found,) = (name for name in writer.names() if "/opinions/alphabird/" in name)
    return found


@pytest.mark.parametrize("document", ["nope/nope", "alphabird/privacy-polcy", "", "us-ca/ccpa"])
def test_the_list_of_an_unknown_document_is_an_error(base: Path, document: str) -> None:
    """And no empty list; near names are told."""
    found = listed(base, document)

    assert (found.exit_code, found.stdout) == (1, "")
    assert "unknown-id" in found.stderr
    assert "alphabird/privacy-policy" in found.stderr


def test_the_list_knows_the_review_states(base: Path) -> None:
    """Those of the vocabulary, and no other."""
    wrong = listed(base, "alphabird/privacy-policy", "--state", "bogus")

    assert wrong.exit_code == 2
    assert "'bogus'" in wrong.stderr
    assert tuple(vocabulary().schemes["review-state"].concepts) == REVIEW_STATES
    for each in REVIEW_STATES:
        assert listed(base, "alphabird/privacy-policy", "--state", each).exit_code == 0


def test_opinions_of_a_document_are_read_once(after: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many findings are asked, and with the same opinions beside each as before."""
    give(after, opinion(after, "Ben Ink", "reject"))
    read: list[str] = []

    def counted(reader: Reader, kind: str, document: str) -> list[Entity]:
        read.append(document)
        return of_document(reader, kind, document)

    monkeypatch.setattr(opiniontypes, "of_document", counted)
    query = """{ document(id: "alphabird/privacy-policy") { findings(first: 500,
        filter: { ever: true }) { nodes { id opinions { author { label } } earlierOpinions { id } } } } }"""
    nodes = Asker(reader(after))(query)["document"]["findings"]["nodes"]
    told = {each["id"]: [one["author"]["label"] for one in each["opinions"]] for each in nodes}

    assert told[judgement(after).iri] == ["Ada Quill", "Ben Ink"]
    assert len(told) > 30
    assert sum(map(bool, told.values())) < 5
    assert not any(each["earlierOpinions"] for each in nodes)
    assert read == [judgement(after).one("document")]


def a_mapping(data: Path) -> Entity:
    """A mapping of Alphabird's policy to the right to delete."""
    iri = f"https://w3id.org/clausegraph/id/requirement/{DELETE}"
    return min(reader(data).back(iri, "requirement", "Mapping"), key=lambda each: each.iri)


@pytest.mark.parametrize("given", ["", "not-stated", "stated", "perfect"])
def test_a_mapping_has_no_state_to_amend(own: Path, given: str) -> None:
    """It is refused with what a mapping takes; nothing is written, and a rejection is taken."""
    mapping = a_mapping(own)
    with pytest.raises(OpinionError, match="a mapping is confirmed or rejected") as caught:
        give(own, Given(mapping.iri, "Ada Quill", "amend", "It is not.", given))
    assert caught.value.code == "opinion-invalid"
    assert opinions(own) == []
    assert give(own, Given(mapping.iri, "Ada Quill", "reject", "It is not.")).changed


def test_a_decision_of_another_list_stops_no_examination(own: Path) -> None:
    """However it came into the store: it counts for nothing, and publishing names it."""
    give(own, opinion(own, "Ada Quill", "amend", "denied"))
    graph = opinions_graph(own)
    with writing(own) as writer, Ledger(own) as ledger:
        planted = [
            str(quad.triple).replace("id/decision/amend", "id/finding-state/denied")
            for quad in writer.of(graph)
        ]
        assert writer.amend(graph, planted)
        assert examine.examine_held(writer, ledger).documents
        with pytest.raises(InvalidGraphError, match="finding-state/denied"):
            publish_held(own, writer, ledger)
    assert state(own) == "amended"  # the last release keeps serving


def test_merging_passes_over_what_is_no_decision() -> None:
    """A decision that nobody can take, and a state that no finding has."""

    def one(author: str, decision: str, state: str = "") -> Opinion:
        return Opinion("Finding", "r", "now", author, datetime(2026, 1, 1), decision, state)

    assert review_state([one("a", "denied", "denied")], "now") == "pending"
    assert review_state([one("a", "amend", "applaud")], "now") == "pending"
    assert review_state([one("a", "amend", "")], "now") == "pending"
    assert review_state([one("a", "denied"), one("b", "confirm", "stated")], "now") == "confirmed"


def test_the_list_shows_what_people_hold(own: Path) -> None:
    """The method's state, and beside it who holds which."""
    own_id = judgement(own).iri.removeprefix("https://w3id.org/clausegraph/id/")

    def line() -> str:
        rows = listed(own, "alphabird/privacy-policy", "--most", "1000").stdout.splitlines()
        (found,) = (row for row in rows if row.startswith(f"{own_id}  "))
        return found

    def row() -> dict[str, object]:
        given = listed(own, "alphabird/privacy-policy", "--most", "1000", "--json").stdout
        rows = orjson.loads(given)["judgements"]
        (found,) = (each for each in rows if each["id"] == own_id)
        return dict(found)

    assert line().endswith(": stated (pending)")
    assert (row()["held"], row()["held_by"]) == (None, [])
    give(own, opinion(own, "Ada Quill", "amend", "not-stated"))
    assert line().endswith(": stated, amended to not-stated by Ada Quill")
    assert (row()["state"], row()["held"]) == ("stated", "not-stated")
    assert row()["held_by"] == [{"author": "Ada Quill", "decision": "amend", "state": "not-stated"}]
    give(own, opinion(own, "Ben Ink", "amend", "not-stated"))
    assert line().endswith(": stated, amended to not-stated by Ada Quill, Ben Ink")
    give(own, opinion(own, "Ben Ink", "confirm"))
    assert line().endswith(
        ": stated, disputed: amended to not-stated by Ada Quill; confirmed by Ben Ink"
    )
    assert row()["held"] is None
    give(own, opinion(own, "Ada Quill", "confirm"))
    assert line().endswith(": stated, confirmed by Ada Quill, Ben Ink")
    assert row()["held"] == "stated"
    for author in ("Ada Quill", "Ben Ink"):
        give(own, opinion(own, author, "reject"))
    assert line().endswith(": stated, rejected by Ada Quill, Ben Ink")
    assert row()["held"] is None
