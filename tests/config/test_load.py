"""Settings as people set them: a file, variables, and what is wrong with either."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.errors import SettingsFileError, SettingValueError, UnknownSettingError
from config.load import Loaded, keys, load, variable
from config.settings import PREFIX, Settings


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own, whatever is set where the tests run."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("PAPERCLAIM_DATA", str(folder))
    return folder


def origin(loaded: Loaded, key: str) -> str:
    return next(value.origin for value in loaded.values() if value.key == key)


def shown(loaded: Loaded, key: str) -> str:
    return next(value.value for value in loaded.values() if value.key == key)


def test_defaults_are_in_force_where_nothing_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAPERCLAIM_DATA")
    monkeypatch.chdir(tmp_path)
    loaded = load()
    assert loaded.settings == Settings()
    assert {value.origin for value in loaded.values()} == {"default"}
    assert loaded.settings.inbox == tmp_path / "data" / "inbox"


def test_a_variable_goes_before_the_file_and_the_file_before_the_default(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = data / "paperclaim.toml"
    file.write_text("[watch]\nquiet_seconds = 5\npoll_seconds = 9\n")
    monkeypatch.setenv("PAPERCLAIM_WATCH_QUIET_SECONDS", "7")
    loaded = load()
    assert loaded.settings.watch.quiet_seconds == 7
    assert loaded.settings.watch.poll_seconds == 9
    assert origin(loaded, "watch.quiet_seconds") == "PAPERCLAIM_WATCH_QUIET_SECONDS"
    assert origin(loaded, "watch.poll_seconds") == str(file)
    assert origin(loaded, "watch.reserve_mb") == "default"


def test_the_file_can_be_anywhere_and_its_data_folder_starts_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "etc" / "mailroom.toml"
    file.parent.mkdir()
    file.write_text('data = "../claims"\n[folders]\noutbox = "/srv/claims"\n')
    monkeypatch.delenv("PAPERCLAIM_DATA")
    monkeypatch.setenv("PAPERCLAIM_CONFIG", str(file))
    settings = load().settings
    assert settings.inbox.resolve() == tmp_path / "claims" / "inbox"
    assert settings.outbox == Path("/srv/claims")


def test_a_folder_of_the_file_does_not_hide_that_of_the_environment(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "paperclaim.toml").write_text('[folders]\noutbox = "out"\n')
    monkeypatch.setenv("PAPERCLAIM_FOLDERS_INBOX", "in")
    settings = load().settings
    assert (settings.inbox, settings.outbox) == (data / "in", data / "out")


@pytest.mark.parametrize(
    ("toml", "nearest"),
    [
        ("[watch]\nquite_seconds = 5", "watch.quiet_seconds"),
        ("[wacht]\nquiet_seconds = 5", "watch.quiet_seconds"),
        ("quiet_seconds = 5", "watch.quiet_seconds"),
        ("web = 8080", "web.port"),
        ("[limits.pages]\nmost = 3", "limits.pages"),
    ],
)
def test_an_unknown_key_names_the_nearest(data: Path, toml: str, nearest: str) -> None:
    (data / "paperclaim.toml").write_text(toml)
    with pytest.raises(UnknownSettingError, match=rf"The nearest is {nearest}\."):
        load()


def test_an_unknown_variable_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERCLAIM_WEB_PROT", "8080")
    with pytest.raises(UnknownSettingError, match=r"The nearest is PAPERCLAIM_WEB_PORT\."):
        load()


def test_a_section_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERCLAIM_WEB", '{"port": 8080}')
    with pytest.raises(UnknownSettingError):
        load()


def test_other_peoples_variables_are_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERCLAIMS", "1")
    monkeypatch.setenv("WATCH_QUIET_SECONDS", "9")
    assert load().settings.watch.quiet_seconds == Settings().watch.quiet_seconds


@pytest.mark.parametrize("said", ["-1", "70000", "eighty", ""])
def test_a_wrong_value_names_the_key_and_where_it_came_from(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("PAPERCLAIM_WEB_PORT", said)
    with pytest.raises(SettingValueError, match=r"web\.port \(from PAPERCLAIM_WEB_PORT\)"):
        load()


def test_a_wrong_value_in_the_file_names_the_file(data: Path) -> None:
    (data / "paperclaim.toml").write_text("[limits]\npages = 0\n")
    with pytest.raises(SettingValueError, match=r"limits\.pages \(from .*paperclaim\.toml\)"):
        load()


def test_a_data_folder_that_is_no_path(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data / "paperclaim.toml"
    file.write_text("data = 5\n")
    monkeypatch.delenv("PAPERCLAIM_DATA")
    monkeypatch.setenv("PAPERCLAIM_CONFIG", str(file))
    with pytest.raises(SettingValueError, match=r"data \(from .*\) is wrong: "):
        load()


def test_a_file_that_is_no_toml_or_not_there(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "paperclaim.toml").write_text("watch: quiet")
    with pytest.raises(SettingsFileError, match="is no TOML"):
        load()
    monkeypatch.setenv("PAPERCLAIM_CONFIG", str(data / "other.toml"))
    with pytest.raises(SettingsFileError, match="can't be read"):
        load()


def test_secrets_are_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+psycopg://claims:kept-to-ourselves@db/claims"
    monkeypatch.setenv("PAPERCLAIM_DATABASE_URL", url)
    loaded = load()
    assert loaded.settings.database_url == url
    assert shown(loaded, "database.url") == '"********"'
    assert "kept-to-ourselves" not in f"{loaded!r} {loaded.settings!r}"


def test_settings_do_not_change() -> None:
    settings = load().settings
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 1  # type: ignore[misc] # that is what is tested
    with pytest.raises(ValueError, match="frozen"):
        settings.data = Path("elsewhere")  # type: ignore[misc] # the same


def test_every_setting_has_one_variable_and_says_what_it_is() -> None:
    found = dict(keys())
    assert len({variable(key) for key in found}) == len(found)
    assert [key for key, field in found.items() if not field.description] == []


def test_everything_embedded_lies_in_the_data_folder(data: Path) -> None:
    settings = load().settings
    assert settings.embedded_redis
    for address in (settings.database_url, settings.redis_url, settings.store_url):
        assert str(data) in address
