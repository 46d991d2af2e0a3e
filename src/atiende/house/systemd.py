"""`atiende install-service`: a systemd unit, so that the product comes back after a reboot.

Writes the unit (or only prints it) and says what to do next; it enables nothing by itself.
"""

import os
import sys
from pathlib import Path

from atiende.core.problem import Problem
from atiende.engines.cluster import write_secret
from atiende.house.run import make_folder
from atiende.house.words import speaker
from atiende.settings import Settings

NAME = "atiende.service"
SYSTEM_FOLDER = Path("/etc/systemd/system")

UNIT = """\
[Unit]
Description=Atiende contact center
Wants=network-online.target
After=network-online.target

[Service]
Type=simple
ExecStart={start}
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=2
# The program ends its database and its exchange of calls itself when it is stopped. When it dies,
# both go on without it: the next start takes them up, and no call ends.
KillMode=process
TimeoutStartSec=900
TimeoutStopSec=60
Environment=ATIENDE_LANG={language}
{environment}UMask=0077
LimitNOFILE=65536
OOMPolicy=continue
NoNewPrivileges=yes
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
{hardening}
[Install]
WantedBy={target}
"""
#: `NoNewPrivileges` and these leave the user namespace that root needs for PostgreSQL alone.
SYSTEM_HARDENING = "ProtectSystem=full\nReadWritePaths={data}\n"


def install(settings: Settings, *, user: bool, only_print: bool) -> int:
    """Write the unit, or with `only_print` just show it."""
    text = unit(settings, user=user)
    if only_print:
        sys.stdout.write(text)
        return 0
    folder = user_folder() if user else SYSTEM_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / NAME).write_text(text)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Problem(400, "service_unwritable", path=str(folder), reason=reason) from error
    make_folder(settings)
    if settings.database_url:
        write_secret(_environment_file(settings), f"DATABASE_URL={settings.database_url}")
    say = speaker(settings.language)
    say("service.written", path=folder / NAME)
    scope = "--user " if user else ""
    say("service.next_user" if user else "service.next_system")
    sys.stdout.write(f"  systemctl {scope}daemon-reload\n  systemctl {scope}enable --now {NAME}\n")
    if user:
        sys.stdout.write("  loginctl enable-linger\n")
    return 0


def unit(settings: Settings, *, user: bool) -> str:
    """The unit's text for these settings."""
    start = " ".join(_quote(word) for word in [*launcher(), "up", *options(settings)])
    environment = ""
    if settings.database_url:
        # An address holds a password: it goes into a file that only root reads.
        environment = f"EnvironmentFile={_environment_file(settings)}\n"
    hardening = "" if user else SYSTEM_HARDENING.format(data=_quote(str(settings.data_dir)))
    return UNIT.format(
        start=start,
        language=settings.language,
        environment=environment,
        hardening=hardening,
        target="default.target" if user else "multi-user.target",
    )


def launcher() -> list[str]:
    if found := os.environ.get("ATIENDE_LAUNCHER"):
        return [found]
    return [sys.executable, "-m", "atiende"]


def options(settings: Settings) -> list[str]:
    """The command line that gives these settings again."""
    pairs = {
        "--data": settings.data_dir,
        "--host": settings.host,
        "--port": settings.port,
        "--public-url": settings.public_url,
        "--tls-cert": settings.tls_cert and settings.tls_cert.absolute(),
        "--tls-key": settings.tls_key and settings.tls_key.absolute(),
    }
    usual = Settings()
    for name in ("voice", "sip_host", "sip_port", "media_address", "stun", "turn"):
        if (value := getattr(settings, name)) != getattr(usual, name):
            pairs["--" + name.replace("_", "-")] = str(value)
    if settings.rtp_ports != usual.rtp_ports:
        pairs["--rtp-ports"] = "-".join(map(str, settings.rtp_ports))
    words = [word for name, value in pairs.items() if value for word in (name, str(value))]
    for network in settings.behind_proxy:
        words += ["--behind-proxy", network]
    return [*words, *(["--demo"] if settings.demo else [])]


def user_folder() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "systemd" / "user"


def _environment_file(settings: Settings) -> Path:
    return settings.data_dir / "service.env"


def _quote(word: str) -> str:
    word = word.replace("%", "%%").replace("\\", "\\\\")
    return f'"{word}"' if any(sign in word for sign in " '\t\\") else word
