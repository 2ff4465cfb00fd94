"""A project's settings: `[tool.migguard]` of pyproject.toml, or migguard.toml."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from migguard.changes import Engine
from migguard.errors import UsageError
from migguard.records import dataclass

DEFAULT_VERSIONS: dict[str, tuple[int, ...]] = {
    "postgresql": (14,),
    "mysql": (8, 0, 36),
    "mariadb": (10, 6),
    "sqlite": (3, 40),
    "mssql": (15, 0),
    "oracle": (19, 0),
}
"""The oldest release of each engine that its makers still support: what it can do, newer ones can do too."""

FILES = ("migguard.toml", "pyproject.toml")


class Wrapper(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project's own helper for migrations, and the Alembic operation that it comes down to.

    `arguments` are added to each call, `rename` maps the helper's names of arguments to the operation's, `autocommit`
    says that the helper opens an `autocommit_block()` of its own.
    """

    operation: str
    arguments: dict[str, Any] = {}
    rename: dict[str, str] = {}
    autocommit: bool = False


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Every setting, with its default. Durations are milliseconds here, `10s` or `1min` in the file."""

    dialect: Literal["postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle"] | None = None
    server_version: str | None = None
    session_timezone: str | None = None
    sqlite_foreign_keys: bool = False
    base: str | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, str] = {}
    fail_on: Literal["error", "warning", "notice"] = "error"
    heads: tuple[str, ...] = ()
    downgrade: Literal["required", "optional", "never"] = "optional"
    check_downgrades: bool = False
    require_reason: bool = False
    small_tables: tuple[str, ...] = ()
    busy_tables: tuple[str, ...] = ()
    statistics: str | None = None
    lock_timeout_set_elsewhere: bool = False
    max_lock_timeout: int | str = "10s"
    min_build_timeout: int | str = "1min"
    allow_squash: bool = False
    phases: bool = False
    naming: dict[str, str] = {}
    baseline: str | None = None
    audit_columns: tuple[str, ...] = ("created_at", "updated_at")
    deploy: Literal["rolling", "code-first"] = "rolling"
    drift: Literal["auto", "required", "off"] = "auto"
    replay_timeout: float = 20.0
    stub_missing_imports: bool = True
    plugins: tuple[str, ...] = ()
    wrappers: dict[str, Wrapper] = {}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and the file they came from, None where there is none."""

    settings: Settings
    path: Path | None


def load_settings(start: Path, config: Path | None = None) -> LoadedSettings:
    """Read the settings beside the Alembic configuration, or in `start` or the nearest folder above it that has any.

    Raises UsageError for two files of one folder with settings, broken TOML, an unknown key or an unfit value.
    """
    folders = [config.resolve().parent] if config is not None else []
    folders += [start.resolve(), *start.resolve().parents]
    for folder in dict.fromkeys(folders):
        found = [(path, table) for name in FILES if (table := table_of(path := folder / name)) is not None]
        if len(found) > 1:
            raise UsageError(
                f"settings stand both in {found[0][0]} and in [tool.migguard] of {found[1][0]}", hint="keep one of them"
            )
        if found:
            path, table = found[0]
            return LoadedSettings(convert(table, path), path)
        if (folder / ".git").exists():
            break
    return LoadedSettings(Settings(), None)


def table_of(path: Path) -> dict[str, Any] | None:
    """The settings table of a file, or None where the file or the table is not there."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    try:
        document = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from None
    if path.name == "migguard.toml":
        inner = document.get("tool", {}).get("migguard") if set(document) == {"tool"} else document
        return dict(inner) if isinstance(inner, dict) else {}
    tool = document.get("tool", {})
    table = tool.get("migguard") if isinstance(tool, dict) else None
    return dict(table) if isinstance(table, dict) else None


def convert(table: dict[str, Any], path: Path) -> Settings:
    """The settings that a table spells."""
    known = Settings.__struct_fields__
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = key.replace("-", "_")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise UsageError(
                f"{path}: there is no setting {key!r}",
                hint=f"did you mean {near[0]}?" if near else "docs/reference/settings.md lists them",
            )
        values[name] = value
    if isinstance(values.get("wrappers"), dict):
        values["wrappers"] = {
            path: {"operation": one} if isinstance(one, str) else one for path, one in values["wrappers"].items()
        }
    return checked(values, str(path))


def checked(values: dict[str, Any], where: str) -> Settings:
    """Settings from plain values, each of the right type and within bounds."""
    try:
        settings = msgspec.convert(values, Settings, strict=True)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`") or "settings"
        raise UsageError(f"{where}: {key} {unfit(message)}", hint=fitting(key)) from None
    if settings.server_version is not None:
        parse_version(settings.server_version, settings.dialect)
    milliseconds(settings.max_lock_timeout, f"{where}: max_lock_timeout")
    milliseconds(settings.min_build_timeout, f"{where}: min_build_timeout")
    if settings.replay_timeout <= 0:
        raise UsageError(
            f"{where}: replay_timeout is {settings.replay_timeout}", hint="give a number of seconds above 0"
        )
    for code, word in settings.severity.items():
        if word not in ("error", "warning", "notice", "off"):
            raise UsageError(f"{where}: severity of {code} is {word!r}", hint="error, warning, notice or off")
    return settings


KINDS = {"str": "a text in quotes", "int": "a whole number", "float": "a number", "bool": "true or false"}
KINDS |= {"array": "a list", "object": "a table"}


def unfit(message: str) -> str:
    """What msgspec says of a value, in the words of a settings file."""
    read = re.fullmatch(r"Expected `([^`]+)`, got `(\w+)`", message)
    stray = re.fullmatch(r"Invalid enum value (.+)", message)
    if stray is not None:
        return f"is {stray[1]}"
    if read is None:
        return f"cannot be read: {message[:1].lower()}{message[1:]}"
    meant = " or ".join(KINDS.get(kind, kind) for kind in read[1].split(" | ") if kind != "null")
    return f"is {KINDS.get(read[2], read[2])}, and should be {meant}"


def fitting(key: str) -> str | None:
    """The words that a setting may have, where they are few."""
    field = next((f for f in msgspec.structs.fields(Settings) if f.name == key), None)
    hints = get_type_hints(Settings).get(key) if field is not None else None
    words = [w for part in (hints, *get_args(hints)) if get_origin(part) is Literal for w in get_args(part)]
    return f"it is one of {', '.join(words)}" if words else None


def merged(settings: Settings, overrides: dict[str, Any]) -> Settings:
    """The settings with what was given on the command line; None is not given. `extend_ignore` adds to `ignore`."""
    given = {k: v for k, v in overrides.items() if v is not None}
    more = given.pop("extend_ignore", ())
    values = {name: getattr(settings, name) for name in Settings.__struct_fields__} | given
    values["ignore"] = (*settings.ignore, *more)
    for key in ("dialect", "fail_on"):
        allowed = {"dialect": tuple(DEFAULT_VERSIONS), "fail_on": ("error", "warning", "notice")}[key]
        if values[key] is not None and values[key] not in allowed:
            option = "--" + key.replace("_", "-")
            raise UsageError(f"{option} is {values[key]!r}", hint=f"it is one of {', '.join(allowed)}")
    return checked(values, "options")


KNOWN_RELEASES = {
    "postgresql": (9, 30),
    "mysql": (5, 15),
    "mariadb": (10, 20),
    "sqlite": (3, 3),
    "mssql": (10, 30),
    "oracle": (11, 40),
}
"""The first and the last number that a major release of each engine can have: 2019 or 160001 are slips of the pen."""


def parse_version(text: str, dialect: str | None = None) -> tuple[int, ...]:
    """`16` or `8.0.36` as numbers."""
    numbers = read_version(text)
    low, high = KNOWN_RELEASES.get(dialect or "", (0, numbers[0]))
    if not low <= numbers[0] <= high:
        raise UsageError(
            f"there is no {dialect} {text}",
            hint="server_version is what the server calls itself, such as "
            f"{'.'.join(str(n) for n in DEFAULT_VERSIONS[str(dialect)])}",
        )
    return numbers


def read_version(text: str) -> tuple[int, ...]:
    """The numbers of a version."""
    if not re.fullmatch(r"\d+(\.\d+){0,3}", text):
        raise UsageError(
            f"the server version {text!r} cannot be read", hint="write it as numbers, such as 16 or 8.0.36"
        )
    return tuple(int(part) for part in text.split("."))


def default_server_version(dialect: str) -> tuple[int, ...]:
    """The version taken where none is configured: the oldest that is still supported."""
    return DEFAULT_VERSIONS[Engine(dialect)]


UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "": 1}


def milliseconds(value: int | str, where: str = "a duration") -> int:
    """A duration in milliseconds, from a number of them or a text such as `10s`."""
    if isinstance(value, int):
        return value
    read = re.fullmatch(r"\s*(\d+)\s*(ms|s|min|h|)\s*", value)
    if read is None:
        raise UsageError(f"{where}: {value!r} is no duration", hint="write it as 500ms, 10s or 1min")
    return int(read[1]) * UNITS[read[2]]


def settings_schema() -> dict[str, Any]:
    """The JSON Schema of the settings."""
    return msgspec.json.schema(Settings)
