"""SIPp as the callers and as every agent's phone, for bench/calls.py.

A caller's number is his call's name: both sides write it down with the time, the caller's side when
its INVITE leaves, the phone's when one comes, so what lies between is read off two files.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from atiende.demo.phone.audio import encode, tone

NUMBER = "+5117001000"
#: Where SIPp looks for free ports of sound; those of the exchanges and of the system lie higher.
SOUND = (10_000, 19_998)
SOUND_FOLDER = "tone.alaw"
GRACE_S = 30

_SDP = """v=0
o=sipp 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio {port} RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20"""

_CALLER = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="caller">
<nop><action><log message="sent [timestamp] [field0]"/></action></nop>
<send retrans="500"><![CDATA[

INVITE sip:{number}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: "Cliente" <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:[field0]@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{sdp}

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[

ACK [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: "Cliente" <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
<nop><action><exec rtp_stream="{sound},-1,8,PCMA/8000"/></action></nop>
<pause milliseconds="{talk}"/>
<nop><action><exec rtp_stream="pause"/></action></nop>
<send retrans="500"><![CDATA[

BYE [next_url] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
[routes]
From: "Cliente" <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:{number}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
<nop><action><log message="done [timestamp] [field0]"/></action></nop>
</scenario>
"""

_PHONE = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="phone">
<recv request="INVITE"><action>
<ereg regexp="sip:([^@]*)@" search_in="hdr" header="From:" assign_to="whole,caller"/>
<log message="came [timestamp] [$caller]"/>
</action></recv>
<send><![CDATA[

SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=[pid]t[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]t[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

{sdp}

]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<nop><action><log message="over [timestamp] [$caller] [$whole]"/></action></nop>
</scenario>
"""


@dataclass(frozen=True)
class Phones:
    """Every agent's phone: one SIPp that answers, and echoes the sound it hears."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    def came(self) -> dict[str, float]:
        """Caller's number -> when his INVITE came to a phone, in seconds of the clock."""
        return read(self.log, "came")

    def over(self) -> int:
        """How many calls ended as they should."""
        return len(read(self.log, "over"))


@dataclass(frozen=True)
class Run:
    """What one run of callers showed, by caller's number, in seconds of the clock."""

    sent: dict[str, float]
    done: dict[str, float]
    errors: str

    @property
    def failed(self) -> int:
        return len(self.sent) - len(self.done)


def prepare(folder: Path, talk_s: float) -> None:
    """Writes the scenarios and the sound that callers make."""
    sound = folder / SOUND_FOLDER
    sound.write_bytes(encode(tone(440, 2.0)))
    caller = _CALLER.format(
        number=NUMBER,
        talk=int(talk_s * 1000),
        sound=sound,
        sdp=_SDP.format(port="[rtpstream_audio_port]"),
    )
    (folder / "caller.xml").write_text(caller)
    (folder / "phone.xml").write_text(_PHONE.format(sdp=_SDP.format(port="[media_port]")))


def free_udp(port: int = 0) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", port))
        found: int = probe.getsockname()[1]
    return found


def sound_port() -> int:
    """A pair of neighbours for the echo, and their next pair, all free just now."""
    for port in range(SOUND[0], SOUND[1], 10):
        try:
            for each in (port, port + 2):
                free_udp(each)
        except OSError:
            continue
        return port
    raise OSError("no free ports for sound")


async def start_phones(folder: Path, port: int) -> Phones:
    """At the port with which the agents' phones are registered."""
    log = folder / "phones.log"
    words = ("-sf", folder / "phone.xml", "-rtp_echo", "-mp", sound_port(), "-l", "2000")
    return Phones(await _sipp(folder, "phones", log, port, *words), port, log)


async def call(
    folder: Path, name: str, proxy: tuple[str, int], numbers: Sequence[str], rate: float
) -> Run:
    """One run of callers at so many a second; returns when the last has hung up."""
    log, listed = folder / f"{name}.log", folder / f"{name}.csv"
    listed.write_text("SEQUENTIAL\n" + "".join(f"{number};\n" for number in numbers))
    words = (
        f"{proxy[0]}:{proxy[1]}", "-sf", folder / "caller.xml", "-inf", listed,
        "-m", len(numbers), "-r", rate, "-l", "2000", "-recv_timeout", "15000",
        "-mp", sound_port() + 100, "-timeout", int(len(numbers) / rate) + GRACE_S,
    )  # fmt: skip
    process = await _sipp(folder, name, log, free_udp(), *words)
    await process.wait()
    errors = folder / f"{name}.err"
    told = errors.read_text(errors="replace")[:2000] if errors.exists() else ""
    return Run(read(log, "sent"), read(log, "done"), told)


async def _sipp(
    folder: Path, name: str, log: Path, port: int, *words: object
) -> asyncio.subprocess.Process:
    program = shutil.which("sipp")
    if program is None:
        raise SystemExit("sipp is not installed (Debian: sip-tester)")
    own = (
        "-i", "127.0.0.1", "-p", port, "-nostdin", "-trace_logs", "-log_file", log,
        "-trace_err", "-error_file", folder / f"{name}.err",
        "-watchdog_minor_threshold", "60000", "-watchdog_major_threshold", "60000",
    )  # fmt: skip
    return await asyncio.create_subprocess_exec(
        program,
        *map(str, (*words, *own)),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


def read(log: Path, word: str) -> dict[str, float]:
    """Lines "word day time epoch number" of a log, the first of each number."""
    found: dict[str, float] = {}
    for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
        parts = line.split()
        if parts[:1] == [word] and len(parts) >= 5:
            found.setdefault(parts[4], float(parts[3]))
    return found
