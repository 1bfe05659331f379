"""Every setting of Paperclaim, with its default: one frozen model, handed to whoever needs it.

Values come from the environment (`PAPERCLAIM_WATCH_QUIET_SECONDS=5`), then from a TOML file
(`paperclaim.toml` in the data folder, or the one that PAPERCLAIM_CONFIG names), then from here.
`config.load` reads them; nothing else looks at the environment.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.limits import Limits

PREFIX: Final = "PAPERCLAIM_"


class Section(BaseModel):
    """A section of the settings: unknown keys are errors, values don't change."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


class Folders(Section):
    """Where paper comes in and JSON goes out. Relative paths start at the data folder."""

    inbox: Path = Path("inbox")
    """Watched for scans; its subfolders become the tags of a batch."""

    outbox: Path = Path("outbox")
    """Finished claims, one JSON file a revision."""

    quarantine: Path = Path("quarantine")
    """Files that never became a whole scan, each with its reason."""


class Watch(Section):
    """When a file in the inbox is taken."""

    quiet_seconds: float = Field(default=2.0, ge=0)
    """Seconds that a file must not have changed; raise it for scanners that pause between pages."""

    poll_seconds: float = Field(default=2.0, gt=0)
    """Seconds between two looks at the inbox; file events only make it quicker."""

    deadline_seconds: float = Field(default=600.0, gt=0)
    """Seconds without a change after which a file that is not whole goes to quarantine."""

    reserve_mb: int = Field(default=1024, ge=0)
    """Megabytes of disk to leave free; below that no file is taken."""


class Work(Section):
    """The processes that read."""

    workers: int = Field(default=0, ge=0, le=256)
    """Worker processes; 0 is one a core."""

    lease_seconds: float = Field(default=120.0, ge=1)
    """Seconds after which a step whose worker went silent is given to another."""

    attempts: int = Field(default=4, ge=1, le=100)
    """Tries of one step before a person is asked; none is one too many where the store or the
    outbox can't be reached."""

    pause_seconds: float = Field(default=5.0, ge=0)
    """Seconds before the second try of a step, five times as many before each further one, at most
    300."""

    reconcile_seconds: float = Field(default=30.0, gt=0)
    """Seconds between two rebuilds of the queue from the database."""


class Read(Section):
    """How the reader decides."""

    accepted_error_rate: float = Field(default=0.001, gt=0, lt=0.5)
    """Wrong fields tolerated among those accepted with nobody looking."""


class Quality(Section):
    """How many people a field in doubt needs, and how many accepted fields are looked at again."""

    agree: tuple[str, ...] = ()
    """Fields, such as `1a` or `24.*.charges`: settled by one person who says what was read."""

    double: tuple[str, ...] = ()
    """Fields that two people key without seeing each other's entries; a third one decides."""

    referee: tuple[str, ...] = ()
    """The same, and it is a lead who decides."""

    sample: float = Field(default=0.005, ge=0, le=1)
    """Share of accepted fields that somebody looks at once more, to measure the error rate."""


class Letters(Section):
    """Letters to providers: who writes, and where letters go."""

    folder: Path = Path("letters")
    """Printed letters for the mail run, a folder a day; those for the portal lie in `portal`."""

    payer: str = ""
    """Name of the payer, at the head of each letter; without one none is sent."""

    address: tuple[str, ...] = ()
    """Lines of the payer's address, where replies come to; without them no letter is sent."""

    phone: str = ""
    """Number that providers may call."""

    fax: str = ""
    """Number that replies may be faxed to."""

    portal: str = ""
    """Address of the pages where providers see letters that e-mail only tells them of."""

    smtp: SecretStr = SecretStr("")
    """`smtp://user:password@host:587` (STARTTLS where offered) or `smtps://`; empty: no e-mail."""

    sender: str = ""
    """E-mail address that notices come from."""


class Store(Section):
    """Originals and page images."""

    url: str = ""
    """`s3://bucket/prefix` or another fsspec URL; empty is `store` in the data folder."""


class Database(Section):
    """The record."""

    url: SecretStr = SecretStr("")
    """`postgresql+psycopg://user:password@host/name`; empty is SQLite in the data folder."""


class Redis(Section):
    """The queue. It carries ids only."""

    url: SecretStr = SecretStr("")
    """`redis://host:6379/0`; empty starts one on a socket in the data folder."""


class Web(Section):
    """The pages and the API."""

    host: str = "127.0.0.1"
    """The address to listen on."""

    port: int = Field(default=8500, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""

    names: tuple[str, ...] = ()
    """Further host names that browsers reach the pages by, such as that of a proxy before them."""

    idle_minutes: float = Field(default=15.0, gt=0)
    """Minutes without a keystroke after which the review desk asks for the password again."""

    masked: tuple[str, ...] = ()
    """Fields, such as `1a` or `5.*`: dots for people who may only look, until they ask to see."""

    grace_seconds: float = Field(default=60.0, ge=0)
    """Seconds after a person finished a claim for which nothing goes out: they may take it back."""

    oidc_issuer: str = ""
    """Address of an OpenID Connect provider that people may sign in with; empty: none."""

    oidc_client: str = ""
    """What that provider calls Paperclaim; `/sign-in/back` is where it sends people back to."""

    oidc_secret: SecretStr = SecretStr("")
    """The client's secret, where the provider gave one."""

    oidc_role_claim: str = "role"
    """The claim that names somebody's role here: clerk, processor, lead, qa, auditor or admin."""

    @property
    def name(self) -> str:
        """The host as it stands in an address: IPv6 in brackets."""
        return f"[{self.host}]" if ":" in self.host else self.host


class Settings(BaseSettings):
    """All settings. Made by hand it holds what it is given; `config.load` reads what is set."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        use_attribute_docstrings=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    data: Path = Path("data")
    """The folder that holds everything else. A folder that is set outside it has to be there, and
    is never made: it may lie on a share that is not mounted."""

    folders: Folders = Folders()
    watch: Watch = Watch()
    work: Work = Work()
    limits: Limits = Limits()
    read: Read = Read()
    quality: Quality = Quality()
    letters: Letters = Letters()
    store: Store = Store()
    database: Database = Database()
    redis: Redis = Redis()
    web: Web = Web()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what it is given: `config.load` knows the origin of every value."""
        return (init_settings,)

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.under_data(self.folders.inbox)

    @property
    def outbox(self) -> Path:
        """Where finished claims go."""
        return self.under_data(self.folders.outbox)

    @property
    def quarantine(self) -> Path:
        """Where files go that never became whole."""
        return self.under_data(self.folders.quarantine)

    @property
    def letters_folder(self) -> Path:
        """Where letters are printed to."""
        return self.under_data(self.letters.folder)

    @property
    def database_url(self) -> str:
        """The database's URL, the embedded one where none is set."""
        return self.database.url.get_secret_value() or (
            f"sqlite:///{self.under_data(Path('paperclaim.db'))}"
        )

    @property
    def store_url(self) -> str:
        """The store's fsspec URL, the local folder where none is set."""
        return self.store.url or f"file://{self.under_data(Path('store'))}"

    @property
    def redis_socket(self) -> Path:
        """The unix socket of the embedded Redis."""
        return self.under_data(Path("redis/redis.sock"))

    @property
    def redis_url(self) -> str:
        """Redis' URL, the embedded one where none is set."""
        return self.redis.url.get_secret_value() or f"unix://{self.redis_socket}"

    @property
    def embedded_redis(self) -> bool:
        """Paperclaim runs a Redis of its own."""
        return not self.redis.url.get_secret_value()

    @property
    def workers(self) -> int:
        """Worker processes: as set, or one a core that this process may use."""
        return self.work.workers or len(os.sched_getaffinity(0))

    def under_data(self, path: Path) -> Path:
        """`path`, absolute; a relative one starts at the data folder."""
        return (self.data / path).absolute()
