"""Every mistake in a source file is shown with its file, line and path, and all of them at once.

``tests/bad_sources/<name>/`` holds files that are laid over the invented law. What has to be found
stands in them: ``# expect: <line> <path> | <part of the message>``, one line a mistake.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from clausegraph.api.store import Writer, graphs_of
from clausegraph.loaders.law import compile_sources
from clausegraph.loaders.source import Mistake, SourceError, read
from clausegraph.loaders.unit import Unit, to_quads
from clausegraph.ontology.context import context
from clausegraph.ontology.iris import NS, PREFIXES, mint

FOLDER = Path(__file__).parent / "bad_sources"
TWINS = sorted(path.name for path in FOLDER.iterdir())
MARK = "# expect: "


def expected(folder: Path) -> list[Mistake]:
    """The mistakes that the files of a folder announce, with a part of each message."""
    found = []
    for path in sorted(folder.rglob("*.y*ml")):
        for text in path.read_text(errors="replace").splitlines():
            if text.startswith(MARK):
                place, _, part = text.removeprefix(MARK).partition(" | ")
                line, _, where = place.partition(" ")
                name = path.relative_to(folder).as_posix()
                found.append(Mistake(name, int(line), where, part))
    return found


def mistakes(root: Path) -> list[Mistake]:
    """What compiling a folder complains about; nothing where it is sound."""
    try:
        compile_sources(root)
    except SourceError as error:
        return error.mistakes
    return []


@pytest.fixture
def law(sources: Path, tmp_path: Path) -> Path:
    """A copy of the invented law that a test may spoil."""
    return shutil.copytree(sources, tmp_path / "law")


def unit(law: Path, name: str) -> Unit:
    """The unit of a file."""
    return next(each for each in compile_sources(law) if each.name == name)


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place in a file where a text stands."""
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", TWINS)
def test_every_mistake_is_shown_with_its_place(name: str, law: Path) -> None:
    """One run names file, line and path of each mistake, says what is wrong, and nothing else."""
    wanted = expected(FOLDER / name)
    assert mistakes(law) == []
    shutil.copytree(FOLDER / name, law, dirs_exist_ok=True)

    found = mistakes(law)

    assert Counter((m.file, m.line, m.path) for m in found) == Counter(
        (m.file, m.line, m.path) for m in wanted
    )
    for part in wanted:
        messages = [m.message for m in found if (m.line, m.path) == (part.line, part.path)]
        assert any(part.message in message for message in messages), (part, messages)


def test_every_bad_file_announces_a_mistake() -> None:
    """No twin passes because it expects nothing."""
    files = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()}
    speaking = {f"{name}/{m.file}" for name in TWINS for m in expected(FOLDER / name)}

    assert files
    assert speaking == files


def test_error_reads_as_compilers_write(law: Path) -> None:
    """People and editors read ``file:line: path: message``, sorted by file and line."""
    edit(law / "xx-north/npa.yaml", "confidence: unverified", "confidence: sure")
    edit(law / "alignments/rights.yaml", "xx-north xx-south: none", "xx-north xx-south: no")
    edit(law / "xx-north/npa.yaml", "read: 2026-01-15", "read: yesterday")

    with pytest.raises(SourceError) as caught:
        compile_sources(law)

    lines = [
        (
            "alignments/rights.yaml:14: alignments[1].relations.xx-north xx-south: 'no' is not a set"
            " relation (equal, subset, superset, intersects, none) or a list of {is, from, until}"
        ),
        "xx-north/npa.yaml:2: defaults.read: 'yesterday' is not a day (2025-01-31)",
        (
            "xx-north/npa.yaml:16: instrument.dates.enforceable.confidence: 'sure' is not one of:"
            " judgement, single-source, unverified, verified"
        ),
    ]
    assert caught.value.message == "\n".join(lines)
    assert caught.value.as_dict() == {
        "code": "source-invalid",
        "message": "\n".join(lines),
        "hint": "Correct the lines named and run `clausegraph check` again.",
        "value": lines,
    }


def test_a_value_repeated_by_name_is_refused_before_it_grows(law: Path) -> None:
    """Nine lines of aliases would be a billion values."""
    rows = [f"r{n}: &r{n} [{', '.join(f'*r{n - 1}' for _ in range(10))}]" for n in range(1, 9)]
    (law / "xx-north/npa.yaml").write_text("\n".join(["r0: &r0 [x]", *rows]))

    (mistake,) = mistakes(law)

    assert (mistake.file, mistake.message[:17]) == ("xx-north/npa.yaml", "no value is named")


def test_a_value_nested_too_deeply_is_refused(law: Path) -> None:
    """A file may not exhaust the stack."""
    (law / "xx-north/npa.yaml").write_text(f"a: {'[' * 2_000}{']' * 2_000}")

    (mistake,) = mistakes(law)

    assert mistake.message == "not YAML: a value is nested too deeply"


def test_a_control_character_is_no_text(law: Path) -> None:
    """What RDF/XML cannot write is refused where it comes in."""
    edit(law / "xx-north/npa.yaml", "forum: High Court of Northland, No. 7", 'forum: "a\\0b"')

    (mistake,) = mistakes(law)

    assert (mistake.path, mistake.message) == (
        "suspensions[0].forum",
        "holds a control character",
    )


@pytest.mark.parametrize("address", ["https://exa mple/", "https://x/<b>", "javascript:alert(1)"])
def test_an_address_is_one_that_a_browser_takes(law: Path, address: str) -> None:
    """An address has a scheme of the web and nothing that would have to be escaped."""
    edit(law / "xx-north/npa.yaml", "page: https://gazette.north.example/npa", f'page: "{address}"')

    (mistake,) = mistakes(law)

    assert mistake.message == f"'{address}' is not an address with https://"


def test_long_value_is_cut(law: Path) -> None:
    """A mistake fits on a screen, however much stands in the place of a day."""
    edit(law / "xx-north/npa.yaml", "read: 2026-01-15", f"read: {'x' * 99}")

    (mistake,) = mistakes(law)

    assert mistake.message == f"'{'x' * 76}... is not a day (2025-01-31)"


@pytest.mark.parametrize("name", ["", "notes.txt", ".npa.yaml", "sub.yaml/notes.txt"])
def test_folder_without_sources_is_a_mistake(name: str, tmp_path: Path) -> None:
    """Nothing is not loaded as if it were a law; hidden files and folders are no sources."""
    if name:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("colour: red")

    assert mistakes(tmp_path) == [Mistake(str(tmp_path), 1, "(folder)", "holds no .yaml file")]


def test_scalars_stay_what_was_typed(tmp_path: Path) -> None:
    """Sections, days and words are text; only plain integers, truth values and nothing are not."""
    text = (
        "section: 1798.100\nchapter: 56:8\nleading: 010\nhexadecimal: 0x10\ngrouped: 1_000\n"
        "day: 2025-01-01\n'on': quoted\non: bare\nanswer: no\nTrue: True\n7: 7\nminus: -7\n"
        "truth: true\nfalsity: false\nnothing:\nexponent: 1e3\nmerge: <<\n~: ~\n"
    )
    path = tmp_path / "scalars.yaml"
    path.write_text(text.replace("'on': quoted\n", ""))

    source = read(tmp_path, path)

    assert source.data == {
        "section": "1798.100",
        "chapter": "56:8",
        "leading": "010",
        "hexadecimal": "0x10",
        "grouped": "1_000",
        "day": "2025-01-01",
        "on": "bare",
        "answer": "no",
        "True": "True",
        "7": 7,
        "minus": -7,
        "truth": True,
        "falsity": False,
        "nothing": None,
        "exponent": "1e3",
        "merge": "<<",
        "~": None,
    }
    assert source.line(("7",)) == 10
    assert source.line(("nowhere", 3)) == 1
    assert (source.folder, source.stem) == ("", "scalars")
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_section_that_yaml_reads_as_a_time_is_cited(law: Path) -> None:
    """Section 56:8, as New Jersey numbers them, does not become the number 3368."""
    edit(law / "xx-south/spa.yaml", 'at: ["5"]', "at: [56:8]")

    sections = {iri for iri in unit(law, "xx-south/spa.yaml").nodes if "/section/" in iri}

    assert mint("section", "xx-south", "spa", "56:8") in sections


def test_json_ld_of_a_unit_is_its_quads(sources: Path) -> None:
    """The context says about a document what the loader says about a file, for every unit."""
    units = compile_sources(sources)
    assert len(units) > 8
    for each in units:
        document = {**context(), "@graph": list(each.nodes.values())}
        graph_ = NamedNode(each.graph)
        own, read_back = Store(), Store()
        own.extend(quad for quad in each.quads() if quad.subject != graph_)
        own.extend(to_quads(each.shared(), each.graph))

        read_back.load(json.dumps(document).encode(), RdfFormat.JSON_LD, to_graph=graph_)

        assert set(read_back) == set(own)


def test_unit_describes_its_graph(sources: Path) -> None:
    """A file's graph says which file it is, and with which bytes."""
    npa = unit(sources, "xx-north/npa.yaml")
    sha256 = hashlib.sha256((sources / npa.name).read_bytes()).hexdigest()
    graph_ = NamedNode(npa.graph)

    said = {(q.predicate.value, q.object) for q in npa.quads() if q.subject == graph_}

    assert npa.graph == mint("graph", "law", "xx-north", "npa")
    assert {q.graph_name for q in npa.quads()} == {graph_}
    assert said == {
        (PREFIXES["rdf"] + "type", NamedNode(NS + "SourceFile")),
        (PREFIXES["rdfs"] + "label", Literal("xx-north/npa.yaml")),
        (NS + "path", Literal("xx-north/npa.yaml")),
        (NS + "sha256", Literal(sha256)),
    }


def test_quantity_is_said_in_words(sources: Path) -> None:
    """A quantity has a label that people can read, with its number and its unit."""
    units = compile_sources(sources)

    labels = {
        node["label"]
        for each in units
        for node in each.nodes.values()
        if node["type"] == "Quantity"
    }

    assert labels == {
        "250000 USD",
        "at most 15 business days",
        "at most 30 calendar days",
        "more than 10000000 USD",
        "more than 12500000.50 USD (worldwide)",
    }


def test_second_page_about_a_platform_holds_no_triple_twice(law: Path) -> None:
    """Pages may share author, provider, platform and document; the first file holds those."""
    page = law / "claims/invented-page.yaml"
    shutil.copy(page, page.with_name("second-page.yaml"))

    units = compile_sources(law)
    writer = Writer(Store())
    writer.store.extend(quad for quads in graphs_of(units).values() for quad in quads)

    assert writer.repeated() == []
    assert mint("claim", "second-page", "deadline") in unit(law, "claims/second-page.yaml").nodes


def test_regime_may_hold_an_instrument_of_another_place(law: Path) -> None:
    """An instrument is told of every regime that names it, also one of another jurisdiction."""
    edit(
        law / "xx-south/jurisdiction.yaml", "instruments: [spa]", "instruments: [spa, xx-north/npa]"
    )

    npa = unit(law, "xx-north/npa.yaml").nodes[mint("instrument", "xx-north", "npa")]

    assert npa["regime"] == [mint("regime", "xx-north", "npa"), mint("regime", "xx-south", "spa")]


def test_alignment_starts_when_both_sides_do(sources: Path) -> None:
    """A relation without a first day starts on the later of the first days of its sides."""
    alignments = unit(sources, "alignments/rights.yaml").nodes

    days = {
        str(node["label"]): (node["validFrom"], node.get("validUntil"))
        for node in alignments.values()
        if node["type"] == "Alignment"
    }

    assert days == {
        "right to delete: xx-north equal xx-south, from 2023-01-01": ("2023-01-01", "2025-12-31"),
        "right to delete: xx-north superset xx-south, from 2026-01-01": ("2026-01-01", None),
        "opt out signal: xx-north none xx-south, from 2024-01-01": ("2024-01-01", None),
    }
