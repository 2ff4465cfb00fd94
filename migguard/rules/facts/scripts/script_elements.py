"""What a name of a script can stand for, where it is an element of the script's own literals: in a loop over them."""

import ast
from collections.abc import Callable

COPIES = frozenset({"tuple", "list", "sorted", "set", "frozenset", "reversed"})


class Part(ast.expr):
    """What a target gets: of a value, or with `each` of an element of it, what stands at a path of places."""

    _fields = ()

    def __init__(self, of: ast.expr, path: tuple[int, ...], *, each: bool) -> None:
        super().__init__()
        self.of = of
        self.path = path
        self.each = each


class Elements:
    """Follows places in tuples and lists that are written in the script; None where one is not.

    `bindings` gives what the variable with a key is bound to, `key` that of a name.
    """

    def __init__(self, bindings: Callable[[str], list[ast.expr | None]], key: Callable[[ast.Name], str]) -> None:
        self._key = key
        self._bindings = bindings
        self._busy: set[str] = set()

    def of(self, node: ast.expr) -> list[ast.expr] | None:
        """All that a part, or an element at a place that is written out, can be."""
        match node:
            case Part():
                found = self._inside(node.of) if node.each else self._values(node.of)
                return self._down(found, node.path)
            case ast.Subscript(value=value, slice=ast.Constant(value=int(place))) if place >= 0:
                return self._down(self._values(value), (place,)) or self._under(value, node.slice)
            case ast.Subscript(value=value, slice=key):
                return self._under(value, key)
            case ast.Call(func=ast.Attribute(value=value, attr="get" | "pop"), args=[key, *default]):
                found = self._under(value, key)
                return [*found, *default] if found is not None else None
            case _:
                return None

    def _under(self, node: ast.expr, key: ast.expr) -> list[ast.expr] | None:
        """What dicts that are written in the script hold under a key; all of it where a key is not written out."""
        found: list[ast.expr] = []
        for value in self._values(node) or ():
            if not isinstance(value, ast.Dict) or None in value.keys:
                return None
            written = all(isinstance(k, ast.Constant) for k in (key, *value.keys))
            pairs = zip(value.keys, value.values, strict=True)
            found += [v for k, v in pairs if not written or (k is not None and ast.dump(k) == ast.dump(key))]
        return found or None

    def _down(self, found: list[ast.expr] | None, path: tuple[int, ...]) -> list[ast.expr] | None:
        for place in path:
            below: list[ast.expr] = []
            for one in found or ():
                values = self._values(one)
                for value in values if values is not None else (None,):
                    if not isinstance(value, ast.Tuple | ast.List) or place >= len(value.elts) or starred(value):
                        return None
                    below.append(value.elts[place])
            found = below
        return found or None

    def _values(self, node: ast.expr) -> list[ast.expr] | None:
        """What an expression can stand for, through names."""
        if not isinstance(node, ast.Name):
            return [node] if not isinstance(node, Part) else self.of(node)
        key = self._key(node)
        if key in self._busy:
            return None
        self._busy.add(key)
        try:
            found: list[ast.expr] = []
            for bound in self._bindings(key):
                values = self._values(bound) if bound is not None else None
                if values is None:
                    return None
                found += values
            return found or None
        finally:
            self._busy.discard(key)

    def _inside(self, node: ast.expr) -> list[ast.expr] | None:
        """What a loop over an expression turns over."""
        found: list[ast.expr] = []
        for value in self._values(node) or ():
            turns = self._turns(value)
            if turns is None:
                return None
            found += turns
        return found or None

    def _turns(self, node: ast.expr) -> list[ast.expr] | None:
        match node:
            case ast.Tuple() | ast.List() | ast.Set():
                return node.elts if not starred(node) else None
            case ast.Call(func=ast.Name(id=name), args=[inner]) if name in COPIES:
                return self._inside(inner)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
                turns = self._inside(inner)
                return [ast.Tuple([ast.Constant(0), one]) for one in turns] if turns is not None else None
            case ast.Call(func=ast.Attribute(value=inner, attr="items"), args=[]):
                pairs: list[ast.expr] = []
                for value in self._values(inner) or ():
                    if not isinstance(value, ast.Dict) or None in value.keys:
                        return None
                    pairs += [ast.Tuple([k, v]) for k, v in zip(value.keys, value.values, strict=True) if k is not None]
                return pairs or None
            case _:
                return None


def starred(node: ast.Tuple | ast.List | ast.Set) -> bool:
    """Whether some of a literal's elements are those of something else."""
    return any(isinstance(e, ast.Starred) for e in node.elts)


def places(target: ast.expr, path: tuple[int, ...] = ()) -> list[tuple[str, tuple[int, ...]]] | None:
    """The names of a target, each with its place in what is taken apart; None where that cannot be told."""
    match target:
        case ast.Name(id=name):
            return [(name, path)]
        case ast.Tuple() | ast.List() if not starred(target):
            found: list[tuple[str, tuple[int, ...]]] = []
            for place, one in enumerate(target.elts):
                inner = places(one, (*path, place))
                if inner is None:
                    return None
                found += inner
            return found
        case _:
            return None
