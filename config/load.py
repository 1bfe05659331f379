"""From the environment and the file to the settings, and where each value came from."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as SourceError

from config.errors import SettingsFileError, SettingValueError, UnknownSettingError
from config.settings import PREFIX, Settings

CONFIG: Final = "PAPERCLAIM_CONFIG"
FILE_NAME: Final = "paperclaim.toml"
MASK: Final = "********"
DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class Value:
    """A setting as it is in force.

    Attributes:
        key: dotted, as in the file.
        value: as TOML would write it, secrets masked.
        origin: `default`, the variable's name, or the file's path.
    """

    key: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and the origin of each value that is not a default, by dotted key."""

    settings: Settings
    origins: Mapping[str, str]

    def values(self) -> Iterator[Value]:
        """Every setting, in the order of the model."""
        for key, _ in keys():
            value: Any = self.settings
            for part in key.split("."):
                value = getattr(value, part)
            yield Value(key, _written(value), self.origins.get(key, DEFAULT))


def settings() -> Settings:
    """The settings in force.

    Raises:
        SettingsError: one is unknown or wrong, or the file is.
    """
    return load().settings


def load() -> Loaded:
    """The settings in force and where they came from.

    Raises:
        UnknownSettingError: a key of the file or a variable with our prefix names no setting.
        SettingValueError: a value is wrong.
        SettingsFileError: the file is missing or no TOML.
    """
    known = [key for key, _ in keys()]
    by_variable = {variable(key): key for key in known}
    ours = [name for name in os.environ if name.startswith(PREFIX) and name != CONFIG]
    for name in ours:
        if name not in by_variable:
            raise _unknown(name, by_variable)
    path = _file()
    from_file = _read(path) if path else {}
    flat = dict(_flat(from_file))
    for key in flat:
        if key not in known:
            raise _unknown(key, known, f" in {path}")
    try:
        from_environment = EnvSettingsSource(Settings, case_sensitive=False)()
    except SourceError as error:
        raise SettingValueError(f"A variable can't be understood: {error}.") from None
    origins = dict.fromkeys(flat, str(path)) | {by_variable[name]: name for name in ours}
    if path and isinstance(from_file.get("data"), str):
        # a file can be anywhere: its paths start where it lies
        from_file["data"] = path.parent / from_file["data"]
    try:
        found = Settings(**_merged(from_file, from_environment))
    except ValidationError as error:
        raise _wrong(error, origins) from None
    return Loaded(found, origins)


def keys(model: type[BaseModel] = Settings, above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting that there is: its dotted key and its field."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys(kind, f"{above}{name}.")
        else:
            yield above + name, field


def variable(key: str) -> str:
    """The environment variable of a dotted key."""
    return PREFIX + key.replace(".", "_").upper()


def _file() -> Path | None:
    """The settings file, if there is one."""
    named = os.environ.get(CONFIG)
    if named:
        return Path(named)
    path = Path(os.environ.get(variable("data")) or Settings().data) / FILE_NAME
    return path if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise SettingsFileError(f"{path} can't be read: {reason}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsFileError(f"{path} is no TOML: {error}.") from None


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys of a table; a section that is none stays a key of its own, unknown."""
    for name, value in table.items():
        section = Settings.model_fields.get(name) if not above else None
        if isinstance(value, dict) and (section is None or _is_section(section)) and value:
            yield from _flat(value, f"{above}{name}.")
        elif value != {}:
            yield above + name, value


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[name] = _merged(below, value)
        else:
            merged[name] = value
    return merged


def _unknown(name: str, known: Iterable[str], where: str = "") -> UnknownSettingError:
    message = f"There is no setting {name}{where}."
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return UnknownSettingError(f"{message} The nearest is {nearest[0]}.")


def _wrong(error: ValidationError, origins: Mapping[str, str]) -> SettingValueError:
    """The first wrong value, in words; the value itself may be a secret and is left out."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    parts = [str(part) for part in first["loc"]]
    key = next((k for k, _ in keys() if parts[: len(k.split("."))] == k.split(".")), parts[0])
    origin = origins.get(key, next((o for k, o in origins.items() if k.startswith(key)), DEFAULT))
    said = first["msg"][0].lower() + first["msg"][1:]
    return SettingValueError(f"{key} (from {origin}) is wrong: {said}.")


def _written(value: Any) -> str:
    """A value as TOML would write it; secrets masked."""
    if isinstance(value, SecretStr):
        return f'"{MASK}"' if value.get_secret_value() else '""'
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, str | Path):
        return f'"{value}"'
    return str(value)
