"""PURE: what an Asterisk of ours is told, as texts. Called by `place`, which writes them.

Theory: Asterisk is a switch without a will of its own. Its dialplan hands every call to our
application and has one sentence for when nobody listens (cause 34: the carrier tries elsewhere).
Trunks and agents' phones are not here: they are put into Asterisk's memory over ARI. A value that
could end a line or begin a section is refused, never escaped: these files have no quoting.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from atiende.core.problem import Problem
from atiende.engines.asterisk.modules import GROUPS

#: Our application's name in Asterisk; ARI clients ask for its events.
APPLICATION = "atiende"
ARI_USER = "atiende"
#: Who a carrier calls when we registered with it and it does not say the number in the first line:
#: the number then stands in To.
REGISTERED_USER = "atiende"
#: Channel variables that come inside every snapshot of a channel.
CHANNEL_VARIABLES = ("CC_ID", "CC_ROLE")
#: What a value may not hold: ends of line and other controls, comments, sections, escapes.
_HOSTILE = re.compile(r"[\x00-\x1f\x7f;\[\]\\\"]|^\s|\s$|^$|^#")
#: Networks that see us without a router between: they are given our own address.
LOCAL_NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
#: Some modules complain, or do not load, when their file is absent; some, when it has a section.
EMPTY = "acl ccss chan_websocket pjproject res_stun_monitor stasis websocket_client".split()
GENERAL_ONLY = "features udptl".split()


@dataclass(frozen=True)
class Plan:
    """Everything that the files say. Folders are absolute; ports are real ones, never 0."""

    folder: Path
    run: Path
    modules_folder: Path
    share: Path
    modules: frozenset[str]
    http_port: int
    password: str
    sip_host: str
    sip_port: int
    rtp_ports: tuple[int, int]
    language: str = "es"
    media_address: str | None = None
    stun: str | None = None
    turn: str | None = None
    turn_user: str | None = None
    turn_password: str | None = None


def files(plan: Plan) -> dict[str, str]:
    """File name -> its text. Raises Problem `voice_setting` for a value that no file can hold."""
    _refuse_hostile(plan)
    made = {f"{name}.conf": "; nothing: the defaults\n" for name in EMPTY}
    made |= {f"{name}.conf": "[general]\n" for name in GENERAL_ONLY}
    made |= {name: text + "\n" for name, text in _FIXED.items()}
    made |= {
        "asterisk.conf": _asterisk(plan),
        "modules.conf": _modules(plan.modules),
        "http.conf": _http(plan),
        "ari.conf": _ari(plan),
        "pjsip.conf": _pjsip(plan),
        "rtp.conf": _rtp(plan),
        "musiconhold.conf": _section(
            "default", mode="files", directory=plan.share / "moh", sort="random"
        )
        + "#tryinclude musiconhold_own.conf\n",
    }
    return made


def fingerprint(texts: Mapping[str, str]) -> str:
    """What tells one configuration from another: a running Asterisk with the same one is kept."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(f"{name}\0{texts[name]}\0".encode())
    return digest.hexdigest()


def _refuse_hostile(plan: Plan) -> None:
    for name, value in vars(plan).items():
        if isinstance(value, str | Path) and _HOSTILE.search(str(value)):
            shown = "***" if "password" in name else repr(str(value))
            raise Problem(400, "voice_setting", name=name, value=shown)
    if any(not re.fullmatch(r"[a-z0-9_]+", name) for name in plan.modules):
        raise Problem(400, "voice_setting", name="modules", value="?")


def _section(name: str, /, **values: object) -> str:
    lines = [f"{key}={value}" for key, value in values.items() if value is not None]
    return "\n".join([f"[{name}]", *lines]) + "\n"


def _asterisk(plan: Plan) -> str:
    base = plan.folder
    folders = {
        "astetcdir": base / "etc",
        "astmoddir": plan.modules_folder,
        "astvarlibdir": base / "lib",
        "astdbdir": base / "lib",
        "astkeydir": base / "lib",
        "astdatadir": base / "data",
        "astagidir": base / "lib" / "agi-bin",
        "astspooldir": base / "spool",
        "astrundir": plan.run,
        "astlogdir": base / "log",
        "astcachedir": base / "cache",
        "astsbindir": base / "lib",
    }
    lines = [f"{name} => {path}" for name, path in folders.items()]
    # systemname begins the ids that Asterisk makes itself; ours are told by their own form.
    return (
        "[directories]\n"
        + "\n".join(lines)
        + "\n"
        + _section(
            "options",
            systemname=APPLICATION,
            defaultlanguage=plan.language,
            documentation_language="en",
            maxfiles=65536,
            live_dangerously="no",
            hideconnect="yes",
        )
    )


def _modules(there: frozenset[str]) -> str:
    lines = ["[modules]", "autoload=no"]
    for group, names in GROUPS.items():
        lines.append(f"; {group}")
        lines += [f"load = {name}.so" for name in names.split() if name in there]
    return "\n".join(lines) + "\n"


def _http(plan: Plan) -> str:
    return _section(
        "general",
        servername=APPLICATION,
        enabled="yes",
        bindaddr="127.0.0.1",
        bindport=plan.http_port,
        prefix="",
        enable_status="no",
        # Each ARI client and each agent's SIP socket is a session; the default, 100, is few.
        sessionlimit=2000,
        session_inactivity=30000,
        session_keep_alive=15000,
    )


def _ari(plan: Plan) -> str:
    return _section(
        "general",
        enabled="yes",
        pretty="no",
        websocket_write_timeout=1000,
        channelvars=",".join(CHANNEL_VARIABLES),
    ) + _section(ARI_USER, type="user", read_only="no", password=plan.password)


def _pjsip(plan: Plan) -> str:
    host = f"[{plan.sip_host}]" if ":" in plan.sip_host else plan.sip_host
    text = _section(
        "global",
        type="global",
        user_agent=APPLICATION,
        # By name first: agents behind a carrier's address would be taken for the carrier.
        endpoint_identifier_order="username,header,ip",
        # Strangers' attempts are answered at once and remembered by nobody.
        unidentified_request_count=0,
    ) + _section("system", type="system", timer_t1=500)
    for protocol in ("udp", "tcp"):
        text += _section(
            f"t-{protocol}",
            type="transport",
            protocol=protocol,
            bind=f"{host}:{plan.sip_port}",
            external_media_address=plan.media_address,
            external_signaling_address=plan.media_address,
        )
        if plan.media_address is not None:
            text += "".join(f"local_net={network}\n" for network in LOCAL_NETWORKS)
    # SIP of the browsers: spoken on the http port, which only our own application reaches.
    return text + _section("t-ws", type="transport", protocol="ws", bind="127.0.0.1")


def _rtp(plan: Plan) -> str:
    first, last = plan.rtp_ports
    return _section(
        "general",
        rtpstart=first,
        rtpend=last,
        icesupport="yes",
        strictrtp="yes",
        stunaddr=plan.stun,
        turnaddr=plan.turn,
        turnusername=plan.turn_user,
        turnpassword=plan.turn_password,
    )


_FIXED: dict[str, str] = {
    "extensions.conf": f"""\
[general]
static=yes
writeprotect=yes
[globals]
[from-trunk]
; Reached without our application: an apology before the answer, then 34, which becomes 503, so
; that the carrier tries elsewhere (a 6xx would end the call for good).
exten => _[+0-9].,1,Stasis({APPLICATION},inbound,${{EXTEN}})
 same => n,Goto(apology,s,1)
exten => {REGISTERED_USER},1,Set(TO=${{PJSIP_PARSE_URI(${{PJSIP_HEADER(read,To)}},user)}})
 same => n,Stasis({APPLICATION},inbound,${{FILTER(0-9+,${{TO}})}})
 same => n,Goto(apology,s,1)
[apology]
exten => s,1,Progress()
 same => n,Playback(custom/${{CHANNEL(language)}}/apology,noanswer)
 same => n,Hangup(34)
[from-agent]
exten => _[+0-9].,1,Stasis({APPLICATION},outbound,${{EXTEN}})
 same => n,Hangup(34)""",
    "sorcery.conf": """\
[res_pjsip]
endpoint=config,pjsip.conf,criteria=type=endpoint
endpoint=memory
auth=config,pjsip.conf,criteria=type=auth
auth=memory
aor=config,pjsip.conf,criteria=type=aor
aor=memory
contact=memory
[res_pjsip_endpoint_identifier_ip]
identify=config,pjsip.conf,criteria=type=identify
identify=memory
[res_pjsip_outbound_registration]
registration=config,pjsip.conf,criteria=type=registration
registration=memory""",
    "codecs.conf": """\
[opus]
type=opus
max_average_bitrate=28000
fec=yes
dtx=yes
application=voip
packet_loss=10""",
    "amd.conf": """\
[general]
total_analysis_time=5000
silence_threshold=256
initial_silence=2500
after_greeting_silence=800
greeting=1500
min_word_length=100
maximum_word_length=5000
between_words_silence=50
maximum_number_of_words=2""",
    "indications.conf": """\
[general]
country=es
[es]
description=ES
ringcadence=1500,3000
dial=425
busy=425/200,0/200
ring=425/1500,0/3000
congestion=425/200,0/200,425/200,0/200,425/200,0/600
callwaiting=425/175,0/175,425/175,0/3500
dialrecall=!425/200,!0/200,!425/200,!0/200,!425/200,!0/200,425
record=1400/500,0/15000
info=950/330,0/1000""",
    # No call's numbers in the log: warnings say what is wrong with the exchange itself.
    "logger.conf": """\
[general]
dateformat=%F %T.%3q
[logfiles]
console => warning,error""",
    "cdr.conf": "[general]\nenable=no",
    "cel.conf": "[general]\nenable=no",
    "manager.conf": "[general]\nenabled=no",
}
