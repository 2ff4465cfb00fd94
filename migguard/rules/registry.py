"""Which rules there are, and which of them a project selects."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType

from migguard import rules
from migguard.errors import UsageError
from migguard.findings import Severity
from migguard.records import dataclass
from migguard.rules.frame import Rule, rule_of

PLUGIN_GROUP = "migguard.rules"
# what rules ask, which is no rule
FACTS = "facts"


@lru_cache(maxsize=1)
def builtin_rules() -> tuple[Rule, ...]:
    """Every rule of the catalogue, by code. Each family is a folder, each rule a module of its own name."""
    found: list[Rule] = []
    for family in pkgutil.iter_modules(rules.__path__):
        if family.ispkg and family.name != FACTS:
            package = importlib.import_module(f"{rules.__name__}.{family.name}")
            for module in pkgutil.iter_modules(package.__path__):
                found += rules_in(importlib.import_module(f"{package.__name__}.{module.name}"))
    return tuple(sorted(found, key=lambda r: r.code))


def rules_in(module: ModuleType) -> list[Rule]:
    """The rules that a module defines itself."""
    made = (rule_of(value) for value in vars(module).values())
    return [r for r in made if r is not None and r.module == module.__name__]


@lru_cache(maxsize=1)
def installed_plugins() -> tuple[importlib.metadata.EntryPoint, ...]:
    """The entry points that installed packages have for rules: looked for once, in the metadata of each of them."""
    return tuple(importlib.metadata.entry_points(group=PLUGIN_GROUP))


def plugin_rules(allowed: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """Rules of installed packages (entry points of the group `migguard.rules`, each naming a module or a rule).

    `allowed` limits them to entry points of these names. Raises UsageError for one that cannot be loaded.
    """
    names = set(allowed or ())
    found: list[Rule] = []
    entries = installed_plugins()
    for entry in entries:
        if names and entry.name not in names:
            continue
        try:
            loaded = entry.load()
        except Exception as error:
            raise UsageError(
                f"the rule plugin {entry.name} ({entry.value}) cannot be loaded: {error}",
                hint="uninstall or mend the package that provides it",
            ) from error
        single = rule_of(loaded)
        found += rules_in(loaded) if isinstance(loaded, ModuleType) else [single] if single else []
    missing = sorted(names - {e.name for e in entries})
    if missing:
        raise UsageError(f"no installed package provides the rule plugin {missing[0]}")
    return tuple(found)


def all_rules(plugins: Iterable[str] | None = None) -> tuple[Rule, ...]:
    """The catalogue and the plugins' rules. Raises UsageError where two rules claim one code or name."""
    found = (*builtin_rules(), *plugin_rules(plugins))
    seen: dict[str, Rule] = {}
    for one in found:
        for label in (one.code, one.name):
            other = seen.setdefault(label, one)
            if other is not one:
                raise UsageError(f"{one.module} and {other.module} both define the rule {label}")
    return tuple(sorted(found, key=lambda r: r.code))


GUIDELINES = "guidelines"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the settings make of the catalogue: which rules speak, and how loud."""

    rules: tuple[Rule, ...]
    chosen: frozenset[str]
    ignored: frozenset[str]
    severities: Mapping[str, Severity]

    def severity(self, rule: Rule) -> Severity | None:
        """The severity that the project set for a rule, or None for its own."""
        return self.severities.get(rule.code)

    def active(self, rule: Rule) -> bool:
        """Whether the rule speaks in this project."""
        return rule.code in self.chosen


def matches(rule: Rule, pattern: str) -> bool:
    """Whether a code, a code's beginning (`MG4`), a name, `ALL` or `guidelines` means this rule."""
    if pattern.lower() == GUIDELINES:
        return rule.guideline
    return pattern.upper() == "ALL" or rule.name == pattern or rule.code.startswith(pattern.upper())


def check_pattern(pattern: str, rules_known: Iterable[Rule]) -> None:
    """Raise UsageError for a pattern that means no rule, naming the nearest code or name."""
    known = list(rules_known)
    if any(matches(rule, pattern) for rule in known):
        return
    import difflib

    words = [r.code for r in known] + [r.name for r in known]
    near = difflib.get_close_matches(pattern.upper(), words, 1) or difflib.get_close_matches(pattern.lower(), words, 1)
    hint = f"did you mean {near[0]}?" if near else "`migguard rules` lists them"
    raise UsageError(f"no rule is called {pattern!r}", hint=hint)


def select(
    rules_known: tuple[Rule, ...],
    chosen: Iterable[str] | None,
    extend: Iterable[str],
    ignored: Iterable[str],
    severities: Mapping[str, str],
) -> Selection:
    """The rules that speak: `chosen` (default: all that are not off), more by `extend`, fewer by `ignored`.

    A more exact pattern wins: `select = ["MG401"]` with `ignore = ["MG4"]` keeps MG401. Raises UsageError for a
    pattern that means no rule and for a severity that is none.
    """
    extend, ignored = tuple(extend), tuple(ignored)
    chosen = tuple(chosen) if chosen is not None else None
    for pattern in (*(chosen or ()), *extend, *ignored, *severities):
        check_pattern(pattern, rules_known)
    levels: dict[str, Severity] = {}
    for pattern, word in severities.items():
        try:
            level = Severity.parse(word)
        except ValueError as error:
            raise UsageError(f"severity of {pattern}: {error}") from None
        levels |= {r.code: level for r in rules_known if matches(r, pattern)}
    patterns = (*(chosen or ()), *extend, *ignored)
    meant = {p: frozenset(r.code for r in rules_known if matches(r, p)) for p in patterns}
    named = frozenset().union(*meant.values())
    active = set()
    for one in rules_known:
        on = chosen is None and levels.get(one.code, one.severity) is not Severity.OFF
        if one.code in named:
            wanted = [exactness(one, p) for p in (*(chosen or ()), *extend) if one.code in meant[p]]
            unwanted = [exactness(one, p) for p in ignored if one.code in meant[p]]
            most = max(wanted, default=-1)
            on = on or most > 0 or (most == 0 and one.severity is not Severity.OFF)
            on = on and (not unwanted or max(unwanted) < most)
        if on and levels.get(one.code) is not Severity.OFF:
            active.add(one.code)
    return Selection(rules_known, frozenset(active), frozenset().union(*(meant[p] for p in ignored)), levels)


def exactness(rule: Rule, pattern: str) -> int:
    """How exactly a pattern means a rule: 0 for everything, up to the length of its code for itself."""
    if pattern.lower() == GUIDELINES:
        return len(rule.code)
    if pattern == rule.name or pattern.upper() == rule.code:
        return len(rule.code) + 1
    return 0 if pattern.upper() in ("ALL", "MG") else len(pattern)
