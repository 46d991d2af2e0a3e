"""The command line: which command does what, in one table. Called by `__main__` and the launcher.

Commands are imported when they are asked for, so that `status` does not load the product. Exit
codes: 0 done, 1 it failed, 2 it was asked wrongly or the surroundings forbid it, 3 not running.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

from atiende.core.problem import Problem
from atiende.house.words import complain
from atiende.settings import VOICE, Settings, language_of, read_settings
from atiende.words import phrase

Handler = Callable[[Settings, argparse.Namespace], int]


@dataclass(frozen=True)
class Option:
    """One option: its flags, and argparse's own words for it."""

    flags: tuple[str, ...]
    words: dict[str, object]


def _path(text: str) -> Path:
    return Path(text).expanduser()


DATA = Option(("--data",), {"dest": "data_dir", "type": _path, "metavar": "DIR"})
SERVE = (
    DATA,
    Option(("--host",), {"metavar": "H"}),
    Option(("--port",), {"type": int, "metavar": "N"}),
    Option(("--public-url",), {"metavar": "URL"}),
    Option(("--tls-cert",), {"type": _path, "metavar": "PEM"}),
    Option(("--tls-key",), {"type": _path, "metavar": "PEM"}),
    Option(("--behind-proxy",), {"action": "append", "metavar": "CIDR"}),
    Option(("--log-level",), {"choices": ("debug", "info", "warning", "error")}),
)
VOICE_OPTIONS = (
    Option(("--voice",), {"choices": VOICE}),
    Option(("--sip-host",), {"metavar": "IP"}),
    Option(("--sip-port",), {"type": int, "metavar": "N"}),
    Option(("--rtp-ports",), {"metavar": "N-N"}),
    Option(("--media-address",), {"metavar": "IP"}),
    Option(("--stun",), {"metavar": "H:N"}),
    Option(("--turn",), {"metavar": "H:N"}),
)
DEMO = Option(("--demo",), {"action": "store_const", "const": True})
FILE = Option(("file",), {"type": _path, "metavar": "FILE"})
LOGS = (
    DATA,
    Option(("--follow", "-f"), {"action": "store_true"}),
    Option(("--lines", "-n"), {"type": int, "default": 100, "metavar": "N"}),
    Option(("--raw",), {"action": "store_true"}),
)
SERVICE = (
    *SERVE,
    *VOICE_OPTIONS,
    Option(("--user",), {"action": "store_true"}),
    Option(("--print",), {"action": "store_true", "dest": "only_print"}),
)
REST = Option(("rest",), {"nargs": argparse.REMAINDER, "help": argparse.SUPPRESS})


def _up(settings: Settings, _: argparse.Namespace) -> int:
    from atiende.house.run import up

    return up(settings)


def _part(*roles: str) -> Handler:
    def run(settings: Settings, _: argparse.Namespace) -> int:
        from atiende.house.run import up

        if not settings.database_url:
            raise Problem(400, "role_needs_database")
        return up(replace(settings, roles=roles))

    return run


def _control(name: str) -> Handler:
    def run(settings: Settings, _: argparse.Namespace) -> int:
        from atiende.house import control

        act: Callable[[Settings], int] = getattr(control, name)
        return act(settings)

    return run


def _logs(settings: Settings, given: argparse.Namespace) -> int:
    from atiende.house.logs import show

    return show(settings, lines=given.lines, follow=given.follow, raw=given.raw)


def _service(settings: Settings, given: argparse.Namespace) -> int:
    from atiende.house.systemd import install

    return install(settings, user=given.user, only_print=given.only_print)


def _backup(settings: Settings, given: argparse.Namespace) -> int:
    from atiende.house.backup import backup

    return backup(settings, given.file)


def _restore(settings: Settings, given: argparse.Namespace) -> int:
    from atiende.house.restore import restore

    return restore(settings, given.file, given.key)


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    from atiende.house.schema import migrate_now

    return migrate_now(settings)


def _gate(name: str) -> Handler:
    def run(settings: Settings, given: argparse.Namespace) -> int:
        from atiende.house import gate

        act: Callable[[Settings, list[str]], int] = getattr(gate, name)
        return act(settings, given.rest)

    return run


def _tool(module: str) -> Handler:
    """A command that a slice brings: `run(settings, arguments) -> exit code` in its module."""

    def run(settings: Settings, given: argparse.Namespace) -> int:
        try:
            act: Callable[[Settings, list[str]], int] = import_module(module).run
        except ModuleNotFoundError as error:
            if error.name and module.startswith(error.name):
                raise Problem(404, "no_such_command", name=given.command) from error
            raise
        return act(settings, given.rest)

    return run


COMMANDS: dict[str, tuple[Handler, tuple[Option, ...]]] = {
    "up": (
        _up,
        (
            *SERVE,
            *VOICE_OPTIONS,
            DEMO,
            Option(("--roles",), {"type": lambda text: tuple(text.split(","))}),
        ),
    ),
    "down": (_control("down"), (DATA,)),
    "status": (_control("status"), (DATA,)),
    "restart": (_control("restart"), (DATA,)),
    "logs": (_logs, LOGS),
    "install-service": (_service, SERVICE),
    "backup": (_backup, (FILE, DATA)),
    "restore": (_restore, (FILE, DATA, Option(("--key",), {"type": _path, "metavar": "FILE"}))),
    "migrate": (_migrate, (DATA,)),
    "check": (_gate("check"), (REST,)),
    "test": (_gate("test"), (REST,)),
    "bench": (_gate("bench"), (REST,)),
    "gallery": (_gate("gallery"), (REST,)),
    "trace": (_tool("atiende.house.trace"), (DATA, REST)),
    "check-data": (_tool("atiende.house.check_data"), (DATA, REST)),
    "web": (_part("web"), SERVE),
    "router": (_part("router"), (DATA,)),
    "worker": (_part("jobs"), (DATA,)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    language = language_of(os.environ)
    given = _parser(language).parse_args(arguments)
    options = dict(vars(given))
    if options.get("behind_proxy"):
        options["behind_proxy"] = tuple(options["behind_proxy"])
    handler = COMMANDS[given.command][0]
    try:
        return handler(read_settings(options, os.environ), given)
    except Problem as problem:
        complain(language, problem)
        return 2 if problem.status < 500 else 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(language: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="atiende", description=phrase(language, "help.description"), allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (_, options) in COMMANDS.items():
        words = phrase(language, f"help.{name}")
        command = commands.add_parser(name, help=words, description=words, allow_abbrev=False)
        for option in options:
            key = option.flags[0].lstrip("-")
            command.add_argument(
                *option.flags,
                **{"help": phrase(language, f"help.{key}"), **option.words},  # type: ignore[arg-type]
            )
    return parser
