"""Find an Alembic project and read its configuration, with Alembic's own reading of it."""

from __future__ import annotations

import configparser
import importlib.util
import os
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from migguard.errors import ProjectError
from migguard.records import dataclass

if TYPE_CHECKING:
    from alembic.config import Config

NEW_PROJECT = "run `alembic init migrations`, or name the configuration with --config"


@dataclass(frozen=True, slots=True)
class AlembicProject:
    """An Alembic project. Paths are absolute; `url` is as configured, None where env.py makes it."""

    config_path: Path
    section: str
    script_location: Path
    version_locations: tuple[Path, ...]
    recursive: bool
    sourceless: bool
    prepend_sys_path: tuple[Path, ...]
    url: str | None
    config: Config

    @property
    def env_py(self) -> Path:
        """The environment script."""
        return self.script_location / "env.py"


def find_project(here: Path, config: Path | None = None, section: str = "alembic") -> AlembicProject:
    """The project of a configuration file, or the one of the current directory.

    Raises ProjectError where there is none, where two could be meant, and where the configuration is broken.
    """
    path = given_config(here, config)
    toml = path.suffix == ".toml"
    if toml:
        check_toml(path)
    else:
        check_ini(path, section)
    from alembic.config import Config
    from alembic.util import CommandError

    try:
        if toml:
            read = Config(str(path.parent / "alembic.ini"), toml_file=str(path), ini_section=section)
        else:
            beside = path.parent / "pyproject.toml"
            has_toml = beside.is_file() and alembic_table(beside) is not None
            read = (
                Config(str(path), toml_file=str(beside), ini_section=section)
                if has_toml
                else Config(str(path), ini_section=section)
            )
        return described(path, section, read)
    except TypeError as error:
        raise ProjectError(
            f"this Alembic cannot read {path.name}: {error}", hint="[tool.alembic] needs Alembic 1.16 or newer"
        ) from None
    except (CommandError, configparser.Error, ValueError) as error:
        raise ProjectError(f"{path} cannot be read: {said(error, path)}", hint=percent(error)) from None


def said(error: Exception, path: Path) -> str:
    """What configparser or Alembic says, on one line, without the file's name again."""
    words = " ".join(str(error).split())
    return words.replace(f"file: '{path}', ", "").replace(f"'{path}' ", "").replace(f"in '{path}'", "in it")


def percent(error: Exception) -> str | None:
    """What to do about a percent sign that ini files take for a reference."""
    stray = isinstance(error, (configparser.InterpolationSyntaxError, ValueError)) and "%" in str(error)
    return "a percent sign in an ini file is written twice: %%" if stray else None


def given_config(here: Path, config: Path | None) -> Path:
    """The configuration file that is meant."""
    named = config if config is not None else (Path(v) if (v := os.environ.get("ALEMBIC_CONFIG")) else None)
    if named is not None:
        path = named if named.is_absolute() else here / named
        if not path.is_file():
            raise ProjectError(f"there is no Alembic configuration at {named}", hint=NEW_PROJECT)
        return path.resolve()
    ini, toml = here / "alembic.ini", here / "pyproject.toml"
    if ini.is_file():
        return ini.resolve()
    if toml.is_file() and alembic_table(toml) is not None:
        return toml.resolve()
    nested = sorted(p.relative_to(here) for p in here.glob("*/alembic.ini"))
    if len(nested) == 1:
        return (here / nested[0]).resolve()
    if nested:
        listed = ", ".join(str(p) for p in nested)
        raise ProjectError(f"several Alembic configurations could be meant: {listed}", hint="name one with --config")
    raise ProjectError(f"there is no alembic.ini and no [tool.alembic] in {here}", hint=NEW_PROJECT)


def alembic_table(path: Path) -> dict[str, object] | None:
    """`[tool.alembic]` of a pyproject.toml, or None. Raises ProjectError for broken TOML."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} is not valid TOML: {error}") from None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}") from None
    tool = document.get("tool")
    table = tool.get("alembic") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def check_toml(path: Path) -> None:
    """Raise ProjectError unless the file has a `[tool.alembic]`."""
    if alembic_table(path) is None:
        raise ProjectError(f"{path} has no [tool.alembic]", hint=NEW_PROJECT)


def check_ini(path: Path, section: str) -> None:
    """Raise ProjectError unless the file can be read and has the section."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} is not a valid ini file: {said(error, path)}") from None
    except OSError as error:
        raise ProjectError(f"{path} cannot be read: {error.strerror}") from None
    if not parser.has_section(section):
        sections = ", ".join(parser.sections()) or "none at all"
        toml = path.parent / "pyproject.toml"
        if section == "alembic" and toml.is_file() and alembic_table(toml) is not None:
            return
        raise ProjectError(f"{path} has no section [{section}]", hint=f"it has {sections}; --name chooses one")


def described(path: Path, section: str, config: Config) -> AlembicProject:
    """The project that a configuration describes."""
    location = option(config, "script_location")
    if not location:
        raise ProjectError(f"{path} sets no script_location", hint=NEW_PROJECT)
    prepend = tuple((path.parent / p).resolve() for p in prepended(config))
    scripts = located(location, path.parent, prepend)
    if not scripts.is_dir():
        raise ProjectError(
            f"the script_location of {path.name} is {location}, and there is no folder {scripts}", hint=NEW_PROJECT
        )
    versions = tuple(located(v, path.parent, prepend) for v in version_locations(config)) or (scripts / "versions",)
    for folder in versions:
        if not folder.is_dir() and len(versions) == 1 and option(config, "version_locations"):
            raise ProjectError(f"the version location {folder} of {path.name} does not exist")
    return AlembicProject(
        config_path=path,
        section=section,
        script_location=scripts,
        version_locations=versions,
        recursive=boolean(config, "recursive_version_locations"),
        sourceless=boolean(config, "sourceless"),
        prepend_sys_path=prepend,
        url=option(config, "sqlalchemy.url"),
        config=config,
    )


def option(config: Config, name: str) -> str | None:
    """An option of the section, the one in [tool.alembic] where the ini file has none."""
    getter = getattr(config, "get_alembic_option", config.get_main_option)
    value = getter(name)
    return value if isinstance(value, str) else None if value is None else str(value)


def boolean(config: Config, name: str) -> bool:
    """A flag, as Alembic reads it: in an ini file nothing but `true` is true."""
    getter = getattr(config, "get_alembic_boolean_option", None)
    return bool(getter(name)) if getter is not None else option(config, name) == "true"


def version_locations(config: Config) -> tuple[str, ...]:
    """The version locations as configured."""
    getter = getattr(config, "get_version_locations_list", None)
    if getter is not None:
        return tuple(str(v) for v in getter() or ())
    value = option(config, "version_locations")
    if not value:
        return ()
    separators = {"os": os.pathsep, "space": None, "newline": "\n", ":": ":", ";": ";"}
    separator = separators.get(option(config, "version_path_separator") or "", " ")
    return tuple(part.strip() for part in value.replace(",", " ").split(separator) if part.strip())


def prepended(config: Config) -> tuple[str, ...]:
    """The entries of prepend_sys_path as configured."""
    getter = getattr(config, "get_prepend_sys_paths_list", None)
    if getter is not None:
        return tuple(str(v) for v in getter() or ())
    value = option(config, "prepend_sys_path")
    return tuple(value.replace(os.pathsep, " ").replace(",", " ").split()) if value else ()


def located(text: str, folder: Path, prepend: tuple[Path, ...]) -> Path:
    """The folder that a path or `package:folder` means.

    Raises ProjectError where the package cannot be found.
    """
    package, colon, inner = text.partition(":")
    windows = len(package) == 1 and inner[:1] in ("\\", "/")
    if not colon or windows or os.sep in package:
        return Path(os.path.abspath(folder / text))
    parts = package.split(".")
    for root in (*prepend, folder, *map(Path, sys.path)):
        if root.joinpath(*parts).is_dir():
            return root.joinpath(*parts, *inner.split("/")).resolve()
    try:
        spec = importlib.util.find_spec(parts[0])
    except (ImportError, ValueError):
        spec = None
    for place in spec.submodule_search_locations or () if spec is not None else ():
        found = Path(place).joinpath(*parts[1:], *inner.split("/"))
        if found.is_dir():
            return found.resolve()
    raise ProjectError(
        f"the location {text} names the package {package}, which cannot be found",
        hint="install it beside migguard, or set prepend_sys_path",
    )
