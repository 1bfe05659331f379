"""What can be wrong with a setting."""

from __future__ import annotations

from models.errors import SettingsError


class UnknownSettingError(SettingsError):
    """There is no setting of this name."""

    code = "settings.unknown"
    remedy = "docs/settings.md lists every setting."


class SettingValueError(SettingsError):
    """A setting has a value that it can't have."""

    code = "settings.value"
    remedy = "docs/settings.md says what it may be."


class SettingsFileError(SettingsError):
    """The settings file is missing or is no TOML."""

    code = "settings.file"
    remedy = "Mend the file, or unset PAPERCLAIM_CONFIG to go on without one."
