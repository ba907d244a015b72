"""The captures of a release as an archive of quotations: every place of a quotation, up to a day."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from clausegraph.api.quotescope import Captured
from clausegraph.loaders.capturestate import WHOLE
from clausegraph.loaders.nearest import Near, nearest
from clausegraph.loaders.quoteindex import Hit, Index
from clausegraph.loaders.quotes import Archive, Passage, QuoteError, Verdict
from clausegraph.loaders.visible import visible

PARTS = 10
"""The most parts that a quotation with gaps may have: each is looked up by itself."""
_NEAREST, _AMONG = 3, 30


@dataclass(frozen=True)
class Answer:
    """What became of a quotation in a release.

    `versions` are those in which it stands with the verdict's status, `alike` those others in which
    it stands but for spacing, case or typography; both in the order of their moments. `parts` have
    the words between the gaps with the verdicts on them. `searched` are all captures that were
    looked through.
    """

    verdict: Verdict
    versions: tuple[Captured, ...]
    alike: tuple[Captured, ...]
    parts: tuple[tuple[str, Verdict], ...]
    searched: tuple[Captured, ...]
    note: str

    @property
    def documents(self) -> int:
        """How many documents were looked through."""
        return len({each.document_iri for each in self.searched})

    def stands_on(self, day: date) -> bool:
        """Whether it stands, if need be but for typography, in a version that is valid on a day."""
        return any(each.valid_on(day) for each in (*self.versions, *self.alike))


class _Texts(Sequence[str]):
    """Texts that call a function before each is read."""

    def __init__(self, texts: Sequence[str], check: Callable[[], None]) -> None:
        self._texts, self._check = texts, check

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: int) -> str:  # type: ignore[override]  # nobody slices it
        return self._texts[at]

    def __iter__(self) -> Iterator[str]:
        for text in self._texts:
            self._check()
            yield text


class Captures(Archive):
    """Captures of a release that are asked often."""

    captures: tuple[Captured, ...]

    def __init__(
        self, captures: Sequence[Captured], check: Callable[[], None] = lambda: None
    ) -> None:
        """Index the captures; `check` is called before each text, and may raise to end it."""
        self.captures = tuple(captures)
        numbers: dict[str, int] = {}
        self._texts = [numbers.setdefault(item.text, len(numbers)) for item in self.captures]
        self._index = Index(_Texts(list(numbers), check))

    def ask(
        self,
        quote: str,
        until: date | None = None,
        note: str = "",
        check: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Look a quotation up in what was captured by the end of a day (UTC), or ever.

        `check` is called before each part and each place that is looked at, and may raise to end
        it. Raises `QuoteError` as `Archive.verify` does, and where it has more than `PARTS` parts.
        """
        return _Question(self, until, check).answer(quote, note)


class _Question(Archive):
    """One question to some of the captures of an archive, whose index it shares."""

    captures: tuple[Captured, ...]

    def __init__(self, archive: Captures, until: date | None, check: Callable[[], None]) -> None:
        """Take the captures of an archive up to a day."""
        kept = [
            at
            for at, each in enumerate(archive.captures)
            if until is None or each.recorded.date() <= until
        ]
        self.captures = tuple(archive.captures[at] for at in kept)
        self._texts = [archive._texts[at] for at in kept]
        self._index = archive._index
        self._archive = archive
        self._check = check
        self._asked: list[str] = []
        self._exact: dict[int, bool] = {}

    def answer(self, quote: str, note: str) -> Answer:
        """The verdict with all its places."""
        verdict = self.verify(quote)
        if verdict.status == "NOT_FOUND":
            verdict = replace(verdict, nearest=self._nearest(verdict, quote))
        versions, alike = self._standing_in(verdict.status)
        return Answer(
            verdict=verdict,
            versions=versions,
            alike=alike,
            parts=tuple(zip(self._asked[1:], verdict.parts, strict=True)),
            searched=self.captures,
            note=" ".join(filter(None, (note or self._note(verdict), _accidents(versions)))),
        )

    def _note(self, verdict: Verdict) -> str:
        """What the verdict says; where the day came too early, when the first capture was made."""
        days = [each.recorded.date() for each in self._archive.captures]
        if self.captures or not days:
            return verdict.note
        return f"Nothing was captured by that day; the first capture is of {min(days)}."

    def verify(self, quote: str) -> Verdict:
        """Look up the quotation, and then its parts."""
        self._asked.append(quote.strip())
        if len(self._asked) > PARTS + 1:
            raise QuoteError(
                f"The quotation has more than {PARTS} parts.",
                hint="Ask for fewer parts at a time.",
                value=self._asked[0][:80],
            )
        self._check()
        return super().verify(quote)

    def _hits(self, wanted: str) -> Iterator[Hit]:
        """As of any archive; a word that stands everywhere has a hundred thousand."""
        for hit in super()._hits(wanted):
            self._check()
            yield hit

    def _standing(self, quote: str, wanted: str) -> dict[int, Any]:
        """The texts in which it stands, of those of these captures."""
        here = set(self._texts)
        every = super()._standing(quote, wanted)
        found = {text: each for text, each in every.items() if text in here}
        self._exact = {text: each.exact for text, each in found.items()}
        return found

    def _standing_in(self, status: str) -> tuple[tuple[Captured, ...], tuple[Captured, ...]]:
        """The captures in which it stands with a status, and those in which it does otherwise."""
        if status not in ("VERIFIED", "REPAIRED"):
            return (), ()
        exact = status == "VERIFIED"
        places = [(at, self._exact[text]) for at, text in enumerate(self._texts)
                  if text in self._exact]  # fmt: skip
        versions = tuple(self.captures[at] for at, each in places if each == exact)
        return versions, tuple(self.captures[at] for at, each in places if each != exact)

    def _passage(self, near: Near) -> Passage:
        """A near passage in the last of these captures, or of all where none of these has it."""
        texts = {text for text, _ in self._index.places[near.segment]}
        if texts.isdisjoint(self._texts):
            return self._archive._passage(near)
        return super()._passage(near)

    def _nearest(self, verdict: Verdict, quote: str) -> tuple[Passage, ...]:
        """The nearest passages of these captures."""
        if len(self.captures) == len(self._archive.captures):
            return verdict.nearest
        words = self._index.words(visible(quote.strip()).text)
        found = map(self._passage, nearest(self._index, words, _AMONG))
        held = set(map(id, self.captures))
        return tuple(each for each in found if id(each.capture) in held)[:_NEAREST]


def _accidents(versions: Sequence[Captured]) -> str:
    """Say that a quotation comes from nothing but accidents of capturing."""
    if not versions or any(each.state in WHOLE for each in versions):
        return ""
    return "It stands only in captures that are accidents, not in the document."
