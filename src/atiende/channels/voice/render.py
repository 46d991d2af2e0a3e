"""What is asked of a call, turned into requests to Asterisk.  PURE.

Every id is quoted. What goes into a dial string (a phone's name, a number) is checked against the
letters it may have, because ``&`` would dial a second place and ``@`` or ``/`` another trunk:
``UnsafePartError``, and nothing is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from atiende.channels.voice import effects
from atiende.channels.voice.effects import Effect, ObjectKind
from atiende.channels.voice.rest import Rest

APP = "atiende"
#: The context of the dialplan that apologises.
APOLOGY = "apology"
MAX_ID, MAX_NAME, MAX_TIMEOUT_S = 200, 60, 600
_ENDPOINT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_DIGITS = re.compile(r"[0-9*#A-Da-d]{1,64}")
_MEDIA = re.compile(
    r"(?:(?:sound:/?[A-Za-z0-9_./-]+)|(?:(?:digits|number|tone):[A-Za-z0-9*#;=.-]+))"
)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[_-][A-Za-z]{2})?")
_RECORDING = re.compile(r"[A-Za-z0-9_-]{1,100}(?:/[A-Za-z0-9_-]{1,100}){0,7}")
_FORMATS = re.compile(r"[a-z0-9]{1,16}(?:,[a-z0-9]{1,16}){0,7}")
_MUSIC = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FIELD = re.compile(r"[a-z0-9_]{1,64}")
#: What a name shown on a phone may not hold: it stands in quotes inside a header.
_UNSHOWN = re.compile(r'[\x00-\x1f\x7f-\x9f"\\<>\u2028\u2029\ud800-\udfff]+')


class UnsafePartError(ValueError):
    """A part that could say more than itself. Its text names the part, never its value."""


def render(effect: Effect) -> Rest:
    """The request that does it. UnsafePartError for a part with letters it may not have."""
    made: Rest = _WRITERS[type(effect)](effect)
    return made


def shown_name(name: str) -> str:
    """A name as a phone may show it: without quotes, brackets and controls, and short."""
    return " ".join(_UNSHOWN.sub(" ", name).split())[:MAX_NAME]


def _checked(form: re.Pattern[str], value: str, what: str) -> str:
    if not form.fullmatch(value):
        raise UnsafePartError(what)
    return value


def _id(value: str) -> str:
    if not 0 < len(value) <= MAX_ID or value.strip(".") == "" or not value.isprintable():
        raise UnsafePartError("id")
    return quote(value, safe="")


def _plain_id(value: str) -> str:
    """An id in a query, where a comma would be a second one."""
    _id(value)
    if "," in value:
        raise UnsafePartError("id")
    return value


def _channel(leg: str, action: str = "", method: str = "POST", **query: str) -> Rest:
    return Rest(method, f"channels/{_id(leg)}" + (f"/{action}" if action else ""), query)


def _bridge(bridge: str, action: str = "", method: str = "POST", **query: str) -> Rest:
    return Rest(method, f"bridges/{_id(bridge)}" + (f"/{action}" if action else ""), query)


def _live(name: str, action: str, method: str = "POST") -> Rest:
    path = quote(_checked(_RECORDING, name, "recording"), safe="")
    return Rest(method, f"recordings/live/{path}/{action}")


def _play(effect: effects.Play) -> Rest:
    media = [_checked(_MEDIA, each, "media") for each in effect.media]
    if not media or any(".." in each for each in media):
        raise UnsafePartError("media")
    action = f"play/{_id(effect.playback)}"
    language = _checked(_LANGUAGE, effect.language, "language")
    return _channel(effect.leg, action, media=",".join(media), lang=language)


def _enter(bridge: str, legs: tuple[str, ...], **query: str) -> Rest:
    if not legs:
        raise UnsafePartError("legs")
    return _bridge(bridge, "addChannel", channel=",".join(map(_plain_id, legs)), **query)


def _dial(
    effect: effects.RingAgent | effects.Originate, endpoint: str, caller: str, role: str
) -> Rest:
    seconds = min(max(1, effect.timeout_s), MAX_TIMEOUT_S)
    variables = {"CC_ID": effect.call, "CC_ROLE": role}
    if role == "agent":
        variables["PJSIP_HEADER(add,X-CC-ID)"] = effect.call
    _id(effect.call)
    query = {
        "endpoint": endpoint,
        "app": APP,
        "channelId": _plain_id(effect.leg),
        "callerId": caller,
        "timeout": str(seconds),
        "formats": _checked(_FORMATS, effect.formats, "formats"),
    }
    return Rest("POST", "channels", query, {"variables": variables})


def _ring_agent(effect: effects.RingAgent) -> Rest:
    """The caller's number is a stranger's text: what is no number is not shown at all."""
    endpoint = f"PJSIP/{_checked(_ENDPOINT, effect.endpoint, 'endpoint')}"
    number = effect.number if _NUMBER.fullmatch(effect.number) else "anonymous"
    return _dial(effect, endpoint, f'"{shown_name(effect.name)}" <{number}>', "agent")


def _originate(effect: effects.Originate) -> Rest:
    number = _checked(_NUMBER, effect.number, "number")
    trunk = _checked(_ENDPOINT, effect.trunk, "trunk")
    shown = _checked(_NUMBER, effect.caller_id, "caller_id")
    return _dial(effect, f"PJSIP/{number}@{trunk}", f"<{shown}>", "customer")


def _prepare(effect: effects.Prepare) -> Rest:
    number = _checked(_NUMBER, effect.number, "number")
    trunk = _checked(_ENDPOINT, effect.trunk, "trunk")
    _id(effect.call)
    query = {
        "endpoint": f"PJSIP/{number}@{trunk}",
        "app": APP,
        "channelId": _plain_id(effect.leg),
        "formats": _checked(_FORMATS, effect.formats, "formats"),
    }
    variables = {"CC_ID": effect.call, "CC_ROLE": "callee"}
    return Rest("POST", "channels/create", query, {"variables": variables})


def _begin_dial(effect: effects.Dial) -> Rest:
    seconds = min(max(1, effect.timeout_s), MAX_TIMEOUT_S)
    return _channel(effect.leg, "dial", timeout=str(seconds))


def _snoop(effect: effects.Snoop) -> Rest:
    whisper = "out" if effect.whisper else "none"
    action = f"snoop/{_id(effect.snoop)}"
    return _channel(effect.leg, action, spy=effect.spy, whisper=whisper, app=APP)


def _record(effect: effects.Record) -> Rest:
    name = _checked(_RECORDING, effect.name, "recording")
    return _channel(effect.snoop, "record", name=name, format="wav", ifExists="fail")


def _object(kind: ObjectKind, name: str) -> str:
    # All kinds, identify and registration too, are asked of this one module; any other is 404.
    return f"asterisk/config/dynamic/res_pjsip/{kind}/{_checked(_ENDPOINT, name, 'name')}"


def _put(effect: effects.PutObject) -> Rest:
    for key, value in effect.fields.items():
        _checked(_FIELD, key, "field")
        if not value.isprintable():
            raise UnsafePartError(key)
    fields = [{"attribute": key, "value": value} for key, value in effect.fields.items()]
    return Rest("PUT", _object(effect.kind, effect.name), body={"fields": fields})


def _mute(effect: effects.Mute) -> Rest:
    return _channel(effect.leg, "mute", "POST" if effect.on else "DELETE", direction="in")


def _music(effect: effects.Music) -> Rest:
    more = {"mohClass": _checked(_MUSIC, effect.kind, "music")} if effect.kind else {}
    return _bridge(effect.bridge, "moh", "POST" if effect.on else "DELETE", **more)


def _send_digits(effect: effects.SendDigits) -> Rest:
    return _channel(effect.leg, "dtmf", dtmf=_checked(_DIGITS, effect.digits, "digits"))


def _hang_up(effect: effects.Hangup) -> Rest:
    cause = effect.cause if 0 < effect.cause < 128 else 16
    return _channel(effect.leg, method="DELETE", reason_code=str(cause))


#: The words that need one line each; the others have a function above.
_WRITERS: Mapping[type, Callable[[Any], Rest]] = {
    effects.Ring: lambda e: _channel(e.leg, "ring"),
    effects.Answer: lambda e: _channel(e.leg, "answer"),
    effects.Hangup: _hang_up,
    effects.Play: _play,
    effects.StopPlay: lambda e: Rest("DELETE", f"playbacks/{_id(e.playback)}"),
    effects.OpenBridge: lambda e: _bridge(e.bridge, type=e.kind),
    effects.CloseBridge: lambda e: _bridge(e.bridge, method="DELETE"),
    effects.Music: _music,
    effects.Apologise: lambda e: _channel(e.leg, "continue", context=APOLOGY, extension="s"),
    effects.Wait: lambda e: _enter(e.bridge, (e.leg,), role="participant"),
    effects.Connect: lambda e: _enter(e.bridge, e.legs),
    effects.Hold: lambda e: _enter(e.bridge, (e.leg,), role="participant"),
    effects.Unhold: lambda e: _enter(e.bridge, (e.leg,)),
    effects.Mute: _mute,
    effects.RingAgent: _ring_agent,
    effects.Originate: _originate,
    effects.Prepare: _prepare,
    effects.Dial: _begin_dial,
    effects.SendDigits: _send_digits,
    effects.Snoop: _snoop,
    effects.Record: _record,
    effects.MuteRecording: lambda e: _live(e.name, "mute", "POST" if e.on else "DELETE"),
    effects.StopRecording: lambda e: _live(e.name, "stop"),
    effects.PutObject: _put,
    effects.RemoveObject: lambda e: Rest("DELETE", _object(e.kind, e.name)),
    effects.WatchEndpoints: lambda _: Rest(
        "POST", f"applications/{APP}/subscription", {"eventSource": "endpoint:PJSIP"}
    ),
}
