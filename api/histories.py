"""Put documents' histories into the writer's store: from an archive, from files, incrementally.

Each document is all or nothing, and what is done is noted in the ledger; a run that was killed goes
on where it was. Documents are worked on in processes of their own while this one writes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode

from clausegraph.api.historypool import results
from clausegraph.api.ledger import Known, Ledger, capture_of, facts_of
from clausegraph.api.store import Writer, writing
from clausegraph.loaders.capture import Capture
from clausegraph.loaders.gitopen import opened
from clausegraph.loaders.historyjob import HandedOver, Item, Job, Result
from clausegraph.loaders.historytexts import SHORT
from clausegraph.loaders.names import slugs
from clausegraph.loaders.ntriples import lines
from clausegraph.loaders.ota import Notice, Planned, plan
from clausegraph.loaders.policies import METHODS, Identity
from clausegraph.ontology.errors import ClausegraphError
from clausegraph.ontology.iris import NS, graph
from clausegraph.shapes.validator import fingerprint

PLATFORMS = graph("platforms")
"""The graph of everything that several sources may say of providers, platforms and documents."""
BATCH = 40_000_000
"""Bytes of statements that are written at once; a document may have more."""
_CONTENT = NamedNode(NS + "content")


class NothingCapturedError(ClausegraphError):
    """An archive has nothing of what was asked for."""

    code = "not-in-archive"


Tick = Callable[[int, int], None]
"""Called with the captures done and those to do."""


def quiet(done: int, total: int) -> None:
    """Show nothing."""


@dataclass
class Loaded:
    """What a load did: documents changed, captures added, triples written, what was passed over."""

    documents: int = 0
    captures: int = 0
    triples: int = 0
    notices: list[Notice] = field(default_factory=list)
    described: bool = False

    @property
    def changed(self) -> bool:
        """Whether the store changed, be it only in what is said of a platform."""
        return self.documents > 0 or self.described


@dataclass(frozen=True)
class File:
    """A file that a person hands over as one capture of a document."""

    platform: str
    document: str
    file: HandedOver
    provider: str | None = None
    invented: bool = False
    source_address: str | None = None


def load_archive(
    data: Path,
    repository: Path,
    platform: str | None = None,
    document: str | None = None,
    since: date | None = None,
    tick: Tick = quiet,
) -> Loaded:
    """Load what is new in an Open Terms Archive repository.

    Raises the errors of `ota.history`, `InvalidGraphError` where a history breaks a shape, and
    `BusyError`; what was done before stays done.
    """
    loaded = Loaded()
    with opened(repository) as objects:
        planned = list(plan(objects, platform, document, report=loaded.notices.append))
    if not planned and (platform or document):
        raise NothingCapturedError(
            f"the archive has no document {platform or ''}/{document or ''}",
            hint="Platforms and types are written as the archive's folders and files are.",
            value=platform or document,
        )
    if planned and all(each.label == "other" for each in planned):
        raise NothingCapturedError(
            f"{str(repository)!r} is no archive of policies: no commit says that it records one",
            hint="Open Terms Archive writes `First record of …` and `Record new changes of …`.",
            value=str(repository),
        )
    with _session(data) as session:
        jobs = session.archive_jobs(planned, repository, since)
        session.work(jobs, loaded, tick)
    return loaded


def load_files(data: Path, files: Sequence[File], tick: Tick = quiet) -> Loaded:
    """Load files that were handed over; all or nothing per document.

    Raises the errors of `documents.read_document`, `InvalidGraphError` and `BusyError`.
    """
    loaded = Loaded()
    with _session(data) as session:
        session.work(session.file_jobs(files), loaded, tick)
    return loaded


def remove(data: Path, platform: str, document: str | None = None) -> int:
    """Take a platform's documents, or one of them, out of the store; gives how many went."""
    with _session(data) as session:
        gone = [
            name
            for name, known in session.ledger.documents().items()
            if platform in (known.identity.platform, known.identity.platform_id)
            and document in (None, known.identity.document, known.identity.document_id)
        ]
        for name in gone:
            session.ledger.open([session.ledger.documents()[name].identity])
            session.writer.amend(name, [])
            session.ledger.forget(name)
        session.platforms()
    return len(gone)


@contextmanager
def _session(data: Path) -> Iterator[_Session]:
    """The writer's store and the ledger of a data directory, alone."""
    with writing(data) as writer, Ledger(data) as ledger:
        yield _Session(writer, ledger)


class _Session:
    """One load, from jobs to statements in the store."""

    def __init__(self, writer: Writer, ledger: Ledger) -> None:
        self.writer, self.ledger = writer, ledger
        self.known = ledger.documents()
        self.batch: list[Result] = []

    def archive_jobs(
        self, planned: Sequence[Planned], repository: Path, since: date | None
    ) -> list[Job]:
        """A job for each document that has captures which are not in the store.

        The plan is that of the whole archive, for it is the order of all captures; of those that are
        not known only those recorded `since` are taken.
        """
        wanted: dict[tuple[str, str], list[Planned]] = {}
        for each in planned:
            wanted.setdefault((each.platform, each.document), []).append(each)
        return self._jobs(wanted, {}, repository, since)

    def file_jobs(self, files: Sequence[File]) -> list[Job]:
        """A job for each document of which files are handed over."""
        wanted: dict[tuple[str, str], list[HandedOver]] = {}
        about: dict[tuple[str, str], File] = {}
        for each in files:
            wanted.setdefault((each.platform, each.document), []).append(each.file)
            about[each.platform, each.document] = each
        return self._jobs(wanted, about, None, None)

    def _jobs(
        self,
        wanted: dict[tuple[str, str], list[Planned]] | dict[tuple[str, str], list[HandedOver]],
        about: dict[tuple[str, str], File],
        archive: Path | None,
        since: date | None,
    ) -> list[Job]:
        jobs = []
        for identity in self._identities(list(wanted), about):
            items = wanted[identity.platform, identity.document]
            if sequence := self._sequence(identity, items, since):
                jobs.append(Job(identity, tuple(sequence), archive))
        return sorted(jobs, key=lambda job: -len(job.items))

    def _identities(
        self, names: Sequence[tuple[str, str]], about: dict[tuple[str, str], File]
    ) -> list[Identity]:
        """Documents with the ids that they have, or get."""
        platforms = slugs({platform for platform, _ in names}, self.ledger.names("Platform"))
        offered = {file.provider for file in about.values() if file.provider}
        providers = slugs(offered, self.ledger.names("Provider"))
        found = []
        for platform in sorted({platform for platform, _ in names}):
            own = sorted(document for other, document in names if other == platform)
            kept = {
                each.identity.document_id: each.identity.document
                for each in self.known.values()
                if each.identity.platform == platform
            }
            for document, document_id in slugs(own, kept).items():
                identity = Identity(platform, document, platforms[platform], document_id)
                if identity.graph in self.known:
                    identity = self.known[identity.graph].identity
                found.append(_described(identity, about.get((platform, document)), providers))
        return found

    def _sequence(
        self, identity: Identity, items: Sequence[Item], since: date | None
    ) -> list[Item]:
        """The captures of a document in order; nothing where none is new."""
        known = self._captures(identity)
        entry = self.known.get(identity.graph)
        stale = entry is not None and (entry.sha256 is None or entry.methods != " ".join(METHODS))
        held = {each.commit for each in known}
        seen = held | set(entry.skipped if entry else ())
        items = [each for each in items if _wanted(each, held, since)]
        new = [each for each in items if not isinstance(each, Planned) or each.commit not in seen]
        return _ordered(known, items) if new or stale else []

    def _captures(self, identity: Identity) -> list[Capture]:
        """The captures that are in the store, without their texts, which `_filled` adds."""
        if not self.writer.has(identity.graph):
            return []
        return [capture_of(facts, "") for facts in self.ledger.captures(identity.graph)]

    def _filled(self, job: Job) -> Job:
        """A job with the texts of known captures, read when it is handed out."""
        if not any(isinstance(item, Capture) for item in job.items):
            return job
        identity = job.identity
        texts = self.writer.values(identity.graph, _CONTENT)
        iris = {
            capture_of(facts, "").key: identity.iri("text", facts["text_sha256"][:SHORT])
            for facts in self.ledger.captures(identity.graph)
        }
        items = [
            replace(item, text=texts[iris[item.key]]) if isinstance(item, Capture) else item
            for item in job.items
        ]
        return replace(job, items=tuple(items))

    def work(self, jobs: Sequence[Job], loaded: Loaded, tick: Tick) -> None:
        """Do all jobs and write what they give."""
        total = sum(len(job.items) for job in jobs)
        done = 0
        for result in results(jobs, self._filled):
            loaded.notices.extend(result.notices)
            done += len(result.captures)
            tick(done, total)
            if result.captures:
                self.batch.append(result)
            if sum(map(_size, self.batch)) > BATCH:
                self._write(loaded)
        self._write(loaded)
        loaded.described |= self.platforms()

    def _write(self, loaded: Loaded) -> None:
        """Write the batch: new graphs at once, changed ones each by itself."""
        self.ledger.open(result.identity for result in self.batch)
        names = {each.identity.graph for each in self.batch}
        fresh = {name for name in names if not self.writer.has(name)}
        if fresh:
            data = (each.data for each in self.batch if each.identity.graph in fresh)
            self.writer.put(b"".join(data))
        for result in self.batch:
            name = result.identity.graph
            changed = name in fresh or self.writer.amend(name, result.lines)
            before = len(self.ledger.captures(name))
            self._note(result)
            loaded.documents += changed
            loaded.captures += max(0, len(result.captures) - before)
            loaded.triples += len(result.lines) if changed else 0
        self.batch.clear()

    def _note(self, result: Result) -> None:
        """Note in the ledger that a history is written."""
        pairs = zip(result.captures, result.text_sha256, strict=True)
        known = Known(
            identity=result.identity,
            sha256=result.sha256,
            triples=len(result.lines),
            valid=fingerprint(),
            methods=" ".join(METHODS),
            skipped=tuple(each.commit for each in result.notices),
        )
        self.ledger.done(known, [facts_of(capture, sha) for capture, sha in pairs])

    def platforms(self) -> bool:
        """Write what all sources together say of providers, platforms and documents."""
        return write_platforms(self.writer, self.ledger)


def write_platforms(writer: Writer, ledger: Ledger) -> bool:
    """Make the graph of platforms follow from the ledger; False if it did."""
    return writer.amend(PLATFORMS, list(lines(ledger.declared())))


def _size(result: Result) -> int:
    """Nearly the number of bytes that a history takes as statements."""
    return sum(map(len, result.lines)) + len(result.lines) * len(result.identity.graph)


def _described(identity: Identity, file: File | None, providers: Mapping[str, str]) -> Identity:
    """A document with what a person said of it; what was said before stays unless said anew."""
    if file is None:
        return identity
    return replace(
        identity,
        provider=file.provider or identity.provider,
        provider_id=providers[file.provider] if file.provider else identity.provider_id,
        invented=file.invented or identity.invented,
        source_address=file.source_address or identity.source_address,
    )


def _wanted(item: Item, held: Collection[str], since: date | None) -> bool:
    """Whether a capture is taken: a known one always, for the order; another if it is recent."""
    if since is None or not isinstance(item, Planned) or item.commit in held:
        return True
    return item.recorded.date() >= since


def _ordered(known: Sequence[Capture], items: Sequence[Item]) -> list[Item]:
    """Captures in the order of the archive; what is not of it stands by its time."""
    planned = [each for each in items if isinstance(each, Planned)]
    have = {each.commit: each for each in known if each.commit}
    archived: list[Item] = [have.pop(each.commit, each) for each in planned]
    if not planned:
        archived, have = list(have.values()), {}
    loose: list[Item] = [each for each in items if isinstance(each, HandedOver)]
    loose += [each for each in known if not each.commit or each.commit in have]
    for each in sorted(loose, key=lambda item: item.recorded):
        place = next(
            (at for at, other in enumerate(archived) if other.recorded > each.recorded),
            len(archived),
        )
        archived.insert(place, each)
    return archived
