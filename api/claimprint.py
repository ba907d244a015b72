"""A page of checked claims as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from clausegraph.api.claimpage import Page
from clausegraph.api.claimparts import Count, State, Strain
from clausegraph.api.claimrows import ClaimRow, DutyRow, Words

_SHORT = 150


def text(page: Page, width: int = 100) -> str:
    """The page as lines of at most so many characters, but for long names."""
    lines = [line for part in _parts(page) for line in part]
    return "\n".join(_wrapped(line, width) for line in lines)


def _wrapped(line: str, width: int) -> str:
    """A line that may be too long; what follows stands under its text."""
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return (
        textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False) if line else ""
    )


def _parts(page: Page) -> Iterator[Iterable[str]]:
    days = ", ".join(each.text for each in page.captures) or "none"
    yield (
        f"CHECKED: {page.title}",
        f"What {page.author} says of {page.document.text} ({page.platform}), law of {page.day}.",
        f"Captures: {len(page.captures)} ({days}). Release {page.release}.",
        page.notice,
        f"Method: {page.method or 'nothing was checked yet'}.",
        f"Outcomes of {len(page.claims)} claims: {_counts(page.outcomes)}.",
    )
    yield _claims("THE QUOTATION", page.quoted)
    yield _claims("RIGHTS THAT THE DOCUMENT IS SAID TO STATE", page.rights)
    yield _claims("THE LEVEL AND ITS REASON", page.reasons)
    yield _changes(page)
    yield _gaps(page)
    yield _strains(page.strains)
    for state in page.states:
        yield _state(state)
    yield _others(page.others)


def _claims(title: str, rows: Sequence[ClaimRow]) -> Iterator[str]:
    yield from ("", title)
    for row in rows:
        status = f" [quotation: {row.status}]" if row.status else ""
        yield f"  {row.slug}: {row.label.upper()}{status}"
        yield f"    {row.why}"
        yield from _words(row.words, "says")
        yield from _words(row.near, "nearest")
        if row.searched:
            yield f"    searched: {row.searched}"
    if not rows:
        yield "  none"


def _words(found: Sequence[Words], what: str) -> Iterator[str]:
    for each in found:
        short = textwrap.shorten(each.text, _SHORT, placeholder=" \u2026")
        near = f", {each.similarity}" if each.similarity else ""
        yield f"    {what} (since {each.since}{near}): \u201c{short}\u201d"


def _changes(page: Page) -> Iterator[str]:
    yield from ("", f"CHANGES BETWEEN THE CAPTURES: {_counts(page.significances) or 'none'}")
    for each in page.changes:
        yield f"  {each.day}: {each.significance}{f' ({each.told})' if each.told else ''}"


def _gaps(page: Page) -> Iterator[str]:
    yield from ("", "WHAT A NOTICE MUST SAY, LETTER BY LETTER")
    for group in page.groups:
        yield f"  {group.title}: {_counts(group.counts)}"
        for row in group.rows:
            yield from _duty(row)


def _duty(row: DutyRow) -> Iterator[str]:
    only = f", asked only of those that {row.condition}" if row.condition else ""
    yield f"    {', '.join(row.citations)} {row.name.text}: {row.label.upper()}{only}"
    if row.state == "not-stated":
        yield from (f"  {line}" for line in _words(row.near, "nearest"))


def _strains(found: Sequence[Strain]) -> Iterator[str]:
    yield from ("", f"TENSIONS, FOR REVIEW: {len(found)}")
    for each in found:
        yield f"  {each.kind} ({', '.join(link.text for link in each.requirements)})"
        yield from _words(each.words[:2], "says")
        yield from _words(each.beside[:2], "beside")
        yield f"    against: {'; '.join(f'{rule.text} ({at})' for rule, at in each.against)}"
        actions = "; ".join(f"{action.text} ({at})" for action, at in each.actions)
        yield f"    actions on the same section: {actions or 'none known'}"


def _state(state: State) -> Iterator[str]:
    yield from ("", f"WHAT {state.place.upper()} ASKS: {_counts(state.counts)}")
    parts = (
        ("does not say", state.silent),
        ("for review", state.strained),
        ("says", state.says),
        ("not examined", state.unexamined),
    )
    for title, rows in parts:
        if rows:
            yield f"  {title} ({len(rows)}): {'; '.join(_brief(row) for row in rows)}"


def _brief(row: DutyRow) -> str:
    return f"{row.name.text} ({', '.join(row.citations[:1])})"


def _others(rows: Sequence[ClaimRow]) -> Iterator[str]:
    yield from ("", "ALL OTHER CLAIMS")
    for row in rows:
        yield f"  {row.slug} ({row.kind}): {row.label.upper()}. {row.why}"
        yield from _words(row.words[:1], "says")


def _counts(found: Sequence[Count]) -> str:
    return "; ".join(f"{each.text} {each.number} of {each.of}" for each in found)
