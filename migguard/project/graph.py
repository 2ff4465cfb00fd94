"""The revision graph, read without running a file: one that is broken does not hide the others."""

from __future__ import annotations

import difflib
import os
import warnings
from collections import deque
from collections.abc import Container, Iterable, Iterator, MutableMapping
from dataclasses import field
from pathlib import Path

from migguard.errors import ScopeError
from migguard.project.config import AlembicProject
from migguard.project.header import BrokenFile, Header, read_header
from migguard.project.order import deployment_order
from migguard.records import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: its file, and what the file says. `digest` is a hash of the bytes; `code` theirs, marshalled."""

    id: str
    path: Path
    header: Header
    digest: str
    location: Path
    code: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def parents(self) -> tuple[str, ...]:
        """The ids in down_revision."""
        return self.header.down_revisions


@dataclass(frozen=True, slots=True)
class Unread:
    """A file whose header is not all literals, or has no id: only running it tells what it is."""

    path: Path
    header: Header
    digest: str
    location: Path


@dataclass(slots=True)
class Graph:
    """All revisions, by id. `duplicates` are the further files of an id; `dependencies` are resolved depends_on ids.

    `unread` are files that are not in it before they were run. `missing` are (child, name, attribute); `cycles` the
    members of each loop.
    """

    revisions: dict[str, Revision] = field(default_factory=dict)
    broken: list[BrokenFile] = field(default_factory=list)
    duplicates: dict[str, list[Revision]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    _children: dict[str, list[str]] | None = None
    _order: list[str] | None = None
    _labels: dict[str, frozenset[str]] | None = None
    _cycles: list[tuple[str, ...]] | None = None

    # --- edges ---

    def dependencies(self, revision: str) -> tuple[str, ...]:
        """The ids that depends_on means: ids and branch labels."""
        return tuple(found for name in self.revisions[revision].header.depends_on if (found := self.meant(name)))

    def meant(self, name: str) -> str | None:
        """The id that a name in a file means: an id in full, or a branch label."""
        if name in self.revisions:
            return name
        return next((r.id for r in self.revisions.values() if name in r.header.branch_labels), None)

    def above(self, revision: str) -> tuple[str, ...]:
        """Parents and dependencies that exist."""
        parents = (self.meant(p) for p in self.revisions[revision].parents)
        return tuple(dict.fromkeys(p for p in (*parents, *self.dependencies(revision)) if p is not None))

    @property
    def missing(self) -> list[tuple[str, str, str]]:
        """Names that no file defines: (child, name, attribute)."""
        found = []
        for one in self.revisions.values():
            found += [(one.id, p, "down_revision") for p in one.parents if self.meant(p) is None]
            found += [(one.id, d, "depends_on") for d in one.header.depends_on if self.meant(d) is None]
        return found

    def children(self, revision: str) -> list[str]:
        """The revisions that have it as a parent or dependency, in the order of their files."""
        if self._children is None:
            self._children = {}
            for one in self.revisions:
                for up in self.above(one):
                    self._children.setdefault(up, []).append(one)
        return self._children.get(revision, [])

    @property
    def heads(self) -> list[str]:
        """Revisions that are nobody's parent."""
        parents = {p for one in self.revisions.values() for p in (self.meant(p) for p in one.parents)}
        return [r for r in self.revisions if r not in parents]

    @property
    def bases(self) -> list[str]:
        """Revisions without a parent."""
        return [r.id for r in self.revisions.values() if not r.parents]

    def walk(self, start: Iterable[str], step: str) -> set[str]:
        """Everything reachable, the start included: `step` is "up" (ancestors) or "down" (descendants)."""
        seen: set[str] = set()
        waiting = deque(start)
        while waiting:
            one = waiting.popleft()
            if one not in seen and one in self.revisions:
                seen.add(one)
                waiting.extend(self.above(one) if step == "up" else self.children(one))
        return seen

    def ancestors(self, revision: str) -> set[str]:
        """What runs before a revision."""
        return self.walk([revision], "up") - {revision}

    def descendants(self, revision: str) -> set[str]:
        """What runs after a revision."""
        return self.walk([revision], "down") - {revision}

    def labels(self, revision: str) -> frozenset[str]:
        """The branch labels that a revision belongs to: its own and those of its ancestors by parentage."""
        if self._labels is None:
            self._labels = {}
            labelled = any(one.header.branch_labels for one in self.revisions.values())
            for name in self.order if labelled else ():
                parents = [p for p in map(self.meant, self.revisions[name].parents) if p is not None]
                if all(p in self._labels for p in parents):
                    own = frozenset(self.revisions[name].header.branch_labels)
                    self._labels[name] = own.union(*(self._labels[p] for p in parents))
                else:  # on a loop, or below one
                    self._labels[name] = self._searched_labels(name)
        return self._labels.get(revision, frozenset())

    def _searched_labels(self, revision: str) -> frozenset[str]:
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [revision]
        while waiting:
            one = waiting.pop()
            if one in seen or one not in self.revisions:
                continue
            seen.add(one)
            found |= set(self.revisions[one].header.branch_labels)
            waiting += [p for p in (self.meant(p) for p in self.revisions[one].parents) if p is not None]
        return frozenset(found)

    # --- order ---

    @property
    def order(self) -> list[str]:
        """Every revision, as Alembic would run them; what is on a loop or comes after one is last."""
        if self._order is None:
            parents = {r: tuple(p for p in map(self.meant, o.parents) if p) for r, o in self.revisions.items()}
            dependencies = {r: self.dependencies(r) for r, o in self.revisions.items() if o.header.depends_on}
            self._order = deployment_order(parents, dependencies)
        return self._order

    def deployed(self, new: Container[str]) -> list[str]:
        """Every revision, those first that ran before a deployment of the new ones: what needs none of them."""
        before: dict[str, None] = {}
        for name in self.order:
            if name not in new and all(one in before for one in self.above(name)):
                before[name] = None
        return [*before, *(name for name in self.order if name not in before)]

    @property
    def cycles(self) -> list[tuple[str, ...]]:
        """The loops, each as its members in order (Tarjan's strongly connected components, without recursion)."""
        if self._cycles is None:
            self._cycles = [c for c in self._components() if len(c) > 1 or c[0] in self.above(c[0])]
        return self._cycles

    def _components(self) -> Iterator[tuple[str, ...]]:
        number: dict[str, int] = {}
        low: dict[str, int] = {}
        stack: list[str] = []
        on_stack: set[str] = set()
        for root in self.revisions:
            if root in number:
                continue
            work: list[tuple[str, Iterator[str]]] = [(root, iter(self.above(root)))]
            number[root] = low[root] = len(number)
            stack.append(root)
            on_stack.add(root)
            while work:
                node, edges = work[-1]
                following = next(edges, None)
                if following is None:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[node])
                    if low[node] == number[node]:
                        component = []
                        while True:
                            member = stack.pop()
                            on_stack.discard(member)
                            component.append(member)
                            if member == node:
                                break
                        yield tuple(component)
                elif following not in number:
                    number[following] = low[following] = len(number)
                    stack.append(following)
                    on_stack.add(following)
                    work.append((following, iter(self.above(following))))
                elif following in on_stack:
                    low[node] = min(low[node], number[following])

    # --- names ---

    def resolve(self, text: str) -> list[str]:
        """The revisions that a user's word means: an id or its beginning, a label, `head`, `heads`, `base`, a file.

        `X@head` is the head of a branch; `X-1` and `X+1` step along parents and children. Raises ScopeError.
        """
        if text in ("head", "heads"):
            return self.heads
        if text == "base":
            return []
        if text.endswith(".py"):
            return [self.in_file(Path(text))]
        branch, at, rest = text.partition("@")
        if at:
            members = {r for r in self.revisions if branch in self.labels(r)}
            if not members:
                raise ScopeError(f"no branch is labelled {branch!r}")
            return [h for h in self.heads if h in members] if rest in ("head", "heads") else self.resolve(rest)
        for sign in "+-":
            word, found, count = text.rpartition(sign)
            if found and count.isdigit() and text not in self.revisions:
                return self.stepped(word or "head", int(count), sign)
        meant = self.meant(text)
        if meant is not None:
            return [meant]
        near = [r for r in self.revisions if r.startswith(text)]
        if len(near) == 1:
            return near
        if near:
            raise ScopeError(f"the revision {text!r} could be {', '.join(sorted(near)[:5])}", hint="write more of it")
        close = difflib.get_close_matches(text, self.revisions, 3)
        raise ScopeError(
            f"there is no revision {text!r}",
            hint=f"the nearest are {', '.join(close)}" if close else "see `alembic history`",
        )

    def in_file(self, path: Path) -> str:
        """The revision that a file defines. Raises ScopeError."""
        wanted = Path(os.path.realpath(path))
        for one in (*self.revisions.values(), *(o for others in self.duplicates.values() for o in others)):
            if Path(os.path.realpath(one.path)) == wanted:
                return one.id
        broken = next((b for b in self.broken if Path(os.path.realpath(b.path)) == wanted), None)
        if broken is not None:
            raise ScopeError(f"{path} could not be read (line {broken.line}): {broken.reason}")
        raise ScopeError(f"{path} is no revision of this project", hint="it is not in the version locations")

    def stepped(self, start: str, count: int, sign: str) -> list[str]:
        """The revisions that many steps up or down."""
        here = self.resolve(start)
        for _ in range(count):
            step = self.above if sign == "-" else self.children
            here = list(dict.fromkeys(n for r in here for n in step(r)))
        return here


def read_graph(project: AlembicProject, cache: MutableMapping[str, Header] | None = None) -> Graph:
    """The graph of a project's version locations."""
    graph = Graph()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler's on the user's code
        read_locations(project, graph, cache)
    return graph


def read_locations(project: AlembicProject, graph: Graph, cache: MutableMapping[str, Header] | None) -> None:
    """Read every revision file of the project into the graph."""
    for location in project.version_locations:
        for path in revision_files(location, recursive=project.recursive, sourceless=project.sourceless):
            if path.suffix != ".py":
                graph.broken.append(BrokenFile(path, 1, 1, "it is compiled, and its source is not beside it"))
                continue
            read = read_header(path, cache)
            if isinstance(read, BrokenFile):
                graph.broken.append(read)
                continue
            header = read.header
            if header.computed or header.revision is None:
                graph.unread.append(Unread(path, header, read.digest, location))
            else:
                add(graph, Revision(header.revision, path, header, read.digest, location, read.code))


def add(graph: Graph, revision: Revision) -> None:
    """Put a revision into the graph; a second file of one id is kept aside."""
    first = graph.revisions.setdefault(revision.id, revision)
    if first is not revision:
        graph.duplicates.setdefault(revision.id, []).append(revision)


def revision_files(location: Path, *, recursive: bool, sourceless: bool) -> Iterator[Path]:
    """The files of a version location that Alembic would look at, in order."""
    if recursive:
        for root, folders, files in os.walk(location):
            folders[:] = sorted(f for f in folders if f != "__pycache__")
            yield from (Path(root, f) for f in wanted(files, sourceless))
    elif location.is_dir():
        with os.scandir(location) as entries:
            names = [e.name for e in entries if not e.is_dir()]
        yield from (location / name for name in wanted(names, sourceless))


def wanted(names: Iterable[str], sourceless: bool) -> list[str]:
    """The names that Alembic takes for revisions; compiled ones where the project says so and no source is there."""
    kept = {n for n in names if not n.startswith((".#", "__init__"))}
    sources = {n for n in kept if n.endswith(".py")}
    if sourceless:
        sources |= {n for n in kept if n.endswith((".pyc", ".pyo")) and n[:-1] not in sources}
    return sorted(sources)
