"""What an installation may decide, as one frozen value.

`atiende.cli` reads it once, from the command's options and the environment, and hands it down;
nothing else in the project reads the environment. Options win over the environment, which wins
over the defaults written here.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType

from atiende.core.problem import Problem

#: The parts of the program that may run in one process, or apart (`atiende web|router|worker`).
ROLES = ("web", "router", "jobs", "demo")
TRUE_WORDS = frozenset({"1", "true", "yes", "on", "si", "sí"})
LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})
VOICE = ("auto", "on", "off")
#: Where SIP is listened to unless a port is set: then another one will do when it is taken.
SIP_PORT = 5060
#: host or host:port, as STUN and TURN servers are written.
SERVER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?")
#: A word for Asterisk's configuration files, in which ; [ ] and new lines have a meaning.
WORD = re.compile(r"[A-Za-z0-9!#$%&()*+,./:<=>?@^_{|}~-]{1,200}")


@dataclass(frozen=True)
class Settings:
    """Everything that is decided before the program starts."""

    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8480
    #: What links, webhooks and cookies use; None = the address we listen on.
    public_url: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    #: Networks whose X-Forwarded-* headers are believed.
    behind_proxy: tuple[str, ...] = ()
    demo: bool = False
    #: None = our own PostgreSQL under `data_dir`.
    database_url: str | None = None
    #: The built screens; None = `ui/dist` of the checkout, or the copy inside the package.
    ui_dir: Path | None = None
    log_level: str = "info"
    #: Language of what the command line says: "es" or "en".
    language: str = "es"
    roles: tuple[str, ...] = ("web", "router", "jobs")
    #: PostgreSQL's own programs, when not those of the wheel.
    pg_bin: Path | None = None
    #: Calls: "on" (a failure ends the start), "auto" (a failure is told, the rest works), "off".
    voice: str = "auto"
    #: An Asterisk of the system's, instead of Debian's package unpacked beside the environment.
    asterisk: Path | None = None
    #: A folder of .deb files, for machines without a network.
    asterisk_packages: Path | None = None
    #: Where packages and the unpacked Asterisk are kept; None = see `asterisk_home`.
    asterisk_dir: Path | None = None
    #: Where the launcher keeps the environment, when not in the checkout.
    home_dir: Path | None = None
    #: Where carriers and phones reach us (udp and tcp); None = 5060, or a free one.
    sip_host: str = "127.0.0.1"
    sip_port: int | None = None
    #: First and last UDP port of audio: two for each leg of a call.
    rtp_ports: tuple[int, int] = (20000, 24999)
    #: The address that others see us at, when a router stands between.
    media_address: str | None = None
    stun: str | None = None
    turn: str | None = None
    turn_user: str | None = None
    turn_password: str | None = None
    #: The listening socket, bound before anything else (and kept across a restart).
    listen_fd: int | None = None
    # Test-only: `up` refuses them unless `testing` is set.
    testing: bool = False
    test_fsync_off: bool = False
    test_fast_passwords: bool = False
    fault: str | None = None

    @property
    def run_dir(self) -> Path:
        """Lock, pid and short-lived files of the running program (of each split part, its own)."""
        whole = {"web", "router", "jobs"} <= set(self.roles)
        return self.data_dir / ("run" if whole else "run-" + "-".join(self.roles))

    @property
    def log_file(self) -> Path:
        return self.data_dir / "logs" / "atiende.log"

    @property
    def blobs_dir(self) -> Path:
        """Attachments and recordings."""
        return self.data_dir / "blobs"

    @property
    def tracks_dir(self) -> Path:
        """Where Asterisk writes what is being said; taken away a moment after it ends."""
        return self.data_dir / "asterisk" / "spool" / "recording"

    @property
    def asterisk_home(self) -> Path:
        """Packages and unpacked Asterisk: beside the environment, shared by all data folders."""
        if self.asterisk_dir is not None:
            return self.asterisk_dir
        checkout = Path(__file__).parents[2]
        beside = self.home_dir or (checkout if (checkout / "atiende").is_file() else self.data_dir)
        return beside / ".asterisk"

    @property
    def runs_voice(self) -> bool:
        """Calls need the whole program in one process."""
        return self.voice != "off" and {"web", "router", "jobs"} <= set(self.roles)

    @property
    def key_file(self) -> Path:
        """The key that encrypts secrets at rest (mode 0600); never inside a backup."""
        return self.data_dir / "secret.key"

    @property
    def beyond_loopback(self) -> bool:
        """True when other machines can reach the address we listen on."""
        if self.host in LOOPBACK_NAMES:
            return False
        try:
            return not ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return True

    @property
    def serves_tls(self) -> bool:
        """True when this process speaks https itself (not a proxy before it)."""
        if self.tls_cert is not None:
            return True
        return self.beyond_loopback and not self.behind_proxy

    def base_url(self, port: int | None = None) -> str:
        """The address people use: `public_url`, else built from host and (bound) port."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self.serves_tls else "http"
        return f"{scheme}://{shown}:{self.port if port is None else port}"

    def test_only(self) -> tuple[str, ...]:
        """Names of the test-only settings in force."""
        named = {
            "ATIENDE_TEST_FSYNC_OFF": self.test_fsync_off,
            "ATIENDE_TEST_FAST_PASSWORDS": self.test_fast_passwords,
            "FAULT": self.fault is not None,
        }
        return tuple(name for name, on in named.items() if on)


#: Environment variable -> field. `FAULT` and `DATABASE_URL` keep the names people know.
ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "ATIENDE_DATA": "data_dir",
        "ATIENDE_HOST": "host",
        "ATIENDE_PORT": "port",
        "ATIENDE_PUBLIC_URL": "public_url",
        "ATIENDE_TLS_CERT": "tls_cert",
        "ATIENDE_TLS_KEY": "tls_key",
        "ATIENDE_BEHIND_PROXY": "behind_proxy",
        "ATIENDE_DEMO": "demo",
        "DATABASE_URL": "database_url",
        "ATIENDE_UI": "ui_dir",
        "ATIENDE_LOG_LEVEL": "log_level",
        "ATIENDE_LANG": "language",
        "ATIENDE_ROLES": "roles",
        "ATIENDE_PG_BIN": "pg_bin",
        "ATIENDE_VOICE": "voice",
        "ATIENDE_ASTERISK": "asterisk",
        "ATIENDE_ASTERISK_PACKAGES": "asterisk_packages",
        "ATIENDE_ASTERISK_DIR": "asterisk_dir",
        "ATIENDE_HOME": "home_dir",
        "ATIENDE_SIP_HOST": "sip_host",
        "ATIENDE_SIP_PORT": "sip_port",
        "ATIENDE_RTP_PORTS": "rtp_ports",
        "ATIENDE_MEDIA_ADDRESS": "media_address",
        "ATIENDE_STUN": "stun",
        "ATIENDE_TURN": "turn",
        "ATIENDE_TURN_USER": "turn_user",
        "ATIENDE_TURN_PASSWORD": "turn_password",
        "ATIENDE_LISTEN_FD": "listen_fd",
        "ATIENDE_TEST": "testing",
        "ATIENDE_TEST_FSYNC_OFF": "test_fsync_off",
        "ATIENDE_TEST_FAST_PASSWORDS": "test_fast_passwords",
        "FAULT": "fault",
    }
)
_PATHS = frozenset(
    (
        "data_dir tls_cert tls_key ui_dir pg_bin asterisk asterisk_packages asterisk_dir home_dir"
    ).split()
)
_FLAGS = frozenset({"demo", "testing", "test_fsync_off", "test_fast_passwords"})
_NUMBERS = frozenset({"port", "listen_fd", "sip_port"})
_LISTS = frozenset({"behind_proxy", "roles"})


def read_settings(options: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """Settings from parsed options (None = not given) over the environment over the defaults."""
    values: dict[str, object] = {"language": language_of(environ)}
    for variable, name in ENVIRONMENT.items():
        if text := environ.get(variable, ""):
            values[name] = _typed(name, text)
    known = {field.name for field in fields(Settings)}
    for name, value in options.items():
        if name in known and value is not None:
            values[name] = _typed(name, value) if isinstance(value, str) else value
    settings = replace(Settings(), **values)  # type: ignore[arg-type]
    settings = replace(settings, data_dir=settings.data_dir.expanduser().absolute())
    _check(settings)
    return settings


def language_of(environ: Mapping[str, str]) -> str:
    """Spanish, unless the person's locale says English."""
    for variable in ("ATIENDE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if text := environ.get(variable, ""):
            return "en" if text.lower().startswith("en") else "es"
    return "es"


def _typed(name: str, text: str) -> object:
    if name in _PATHS:
        return Path(text).expanduser()
    if name in _FLAGS:
        return text.strip().lower() in TRUE_WORDS
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name in _NUMBERS:
        if not text.isdigit():
            raise Problem(400, "settings_port", value=text)
        return int(text)
    if name == "rtp_ports":
        return _range(text)
    return text


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.strip().isdigit() and last.strip().isdigit()):
        raise Problem(400, "settings_rtp", value=text)
    return int(first), int(last)


def _check(settings: Settings) -> None:
    if not 0 <= settings.port <= 65535:
        raise Problem(400, "settings_port", value=settings.port)
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise Problem(400, "settings_tls_pair")
    _check_voice(settings)
    for network in settings.behind_proxy:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise Problem(400, "settings_proxy", value=network) from None
    for role in settings.roles:
        if role not in ROLES:
            raise Problem(400, "settings_role", value=role)
    if settings.public_url and not settings.public_url.startswith(("http://", "https://")):
        raise Problem(400, "settings_public_url", value=settings.public_url)


def _check_voice(settings: Settings) -> None:
    """What goes into Asterisk's files must not be able to say more than itself."""
    if settings.voice not in VOICE:
        raise Problem(400, "settings_voice", value=settings.voice)
    first, last = settings.rtp_ports
    if not 1024 <= first < last <= 65535:
        raise Problem(400, "settings_rtp", value=f"{first}-{last}")
    if settings.sip_port is not None and not 0 <= settings.sip_port <= 65535:
        raise Problem(400, "settings_port", value=settings.sip_port)
    for name in ("sip_host", "media_address"):
        if (value := getattr(settings, name)) is None:
            continue
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise Problem(400, "settings_address", name=name, value=value) from None
    for name, form in (("stun", SERVER), ("turn", SERVER), ("turn_user", WORD)):
        value = getattr(settings, name)
        if value is not None and not form.fullmatch(value):
            raise Problem(400, "settings_server", name=name, value=value)
    if settings.turn_password is not None and not WORD.fullmatch(settings.turn_password):
        raise Problem(400, "settings_server", name="turn_password", value="***")
