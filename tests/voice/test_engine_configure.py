"""What Asterisk is told: the parts that matter, and values that must not become configuration."""

from dataclasses import replace
from pathlib import Path

import pytest

from atiende.core.problem import Problem
from atiende.engines.asterisk.configure import REGISTERED_USER, Plan, files, fingerprint
from atiende.engines.asterisk.modules import MODULES
from atiende.settings import read_settings

PLAN = Plan(
    folder=Path("/srv/at/data/asterisk"),
    run=Path("/srv/at/data/asterisk/run"),
    modules_folder=Path("/opt/ast/modules"),
    share=Path("/opt/ast/share"),
    modules=frozenset(MODULES),
    http_port=18088,
    password="p4ss-word_",
    sip_host="127.0.0.1",
    sip_port=15060,
    rtp_ports=(20000, 20999),
)


def section(text: str, name: str) -> dict[str, str]:
    """The settings of one section (comments aside; of a repeated name, the last)."""
    found: dict[str, str] = {}
    inside = False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line == f"[{name}]"
        elif inside and "=" in line and not line.startswith(";"):
            key, _, value = line.partition("=")
            found[key.strip()] = value.removeprefix(">").strip()
    return found


def test_nothing_of_asterisks_is_outside_the_data_folder() -> None:
    folders = section(files(PLAN)["asterisk.conf"], "directories")
    outside = {name for name, path in folders.items() if not path.startswith("/srv/at/data/")}
    assert outside == {"astmoddir"}
    assert folders["astrundir"] == "/srv/at/data/asterisk/run"
    assert section(files(PLAN)["asterisk.conf"], "options")["live_dangerously"] == "no"


def test_control_is_on_loopback_with_a_password() -> None:
    made = files(PLAN)
    http = section(made["http.conf"], "general")
    assert (http["bindaddr"], http["bindport"]) == ("127.0.0.1", "18088")
    user = section(made["ari.conf"], "atiende")
    assert (user["type"], user["password"]) == ("user", "p4ss-word_")
    assert [name for name, text in made.items() if "p4ss-word_" in text] == ["ari.conf"]
    assert section(made["manager.conf"], "general")["enabled"] == "no"


def test_sip_listens_where_the_settings_say_and_nobody_is_anonymous() -> None:
    made = files(replace(PLAN, sip_host="2001:db8::5"))
    for name in ("t-udp", "t-tcp"):
        assert section(made["pjsip.conf"], name)["bind"] == "[2001:db8::5]:15060"
    assert section(made["pjsip.conf"], "t-ws")["bind"] == "127.0.0.1"
    assert section(made["pjsip.conf"], "global")["endpoint_identifier_order"] == (
        "username,header,ip"
    )
    assert "anonymous" not in made["pjsip.conf"] + made["modules.conf"]


def test_the_companys_music_is_read_from_a_file_of_its_own() -> None:
    assert files(PLAN)["musiconhold.conf"].endswith("\n#tryinclude musiconhold_own.conf\n")


def test_every_call_goes_to_our_application_and_without_it_the_carrier_tries_elsewhere() -> None:
    lines = files(PLAN)["extensions.conf"].splitlines()
    ways = (
        ("from-trunk", "inbound", "Goto(apology,s,1)"),
        ("from-agent", "outbound", "Hangup(34)"),
    )
    for context, way, then in ways:
        after = lines[lines.index(f"[{context}]") + 1 :]
        after = [line for line in after if not line.startswith(";")]
        assert after[0] == f"exten => _[+0-9].,1,Stasis(atiende,{way},${{EXTEN}})"
        assert after[1] == f" same => n,{then}"
    said = lines[lines.index("[apology]") + 1 :]
    assert said[:3] == [
        "exten => s,1,Progress()",
        " same => n,Playback(custom/${CHANNEL(language)}/apology,noanswer)",
        " same => n,Hangup(34)",
    ]
    assert [line for line in lines if line.startswith("[")] == [
        "[general]",
        "[globals]",
        "[from-trunk]",
        "[apology]",
        "[from-agent]",
    ]


def test_only_the_listed_modules_that_exist_are_loaded() -> None:
    text = files(replace(PLAN, modules=frozenset({"chan_pjsip", "res_ari"})))["modules.conf"]
    assert "autoload=no" in text
    loaded = [line for line in text.splitlines() if line.startswith("load")]
    assert loaded == ["load = chan_pjsip.so", "load = res_ari.so"]


def test_a_router_in_front_is_told_to_strangers_and_not_to_neighbours() -> None:
    inside = section(files(PLAN)["pjsip.conf"], "t-udp")
    assert not {"external_media_address", "local_net"} & set(inside)
    behind = replace(PLAN, media_address="203.0.113.7", stun="stun.example:3478")
    made = files(replace(behind, turn="turn.example", turn_user="u", turn_password="secret"))
    assert section(made["pjsip.conf"], "t-udp")["external_media_address"] == "203.0.113.7"
    assert "local_net=10.0.0.0/8" in made["pjsip.conf"]
    rtp = section(made["rtp.conf"], "general")
    assert (rtp["rtpstart"], rtp["rtpend"]) == ("20000", "20999")
    assert (rtp["stunaddr"], rtp["turnaddr"]) == ("stun.example:3478", "turn.example")
    assert (rtp["turnusername"], rtp["turnpassword"]) == ("u", "secret")


def test_opus_is_spoken_thriftily() -> None:
    opus = section(files(PLAN)["codecs.conf"], "opus")
    assert 24000 <= int(opus["max_average_bitrate"]) <= 32000
    assert (opus["fec"], opus["dtx"]) == ("yes", "yes")


def test_what_phones_need_may_live_in_memory() -> None:
    text = files(PLAN)["sorcery.conf"]
    for kind in ("endpoint", "auth", "aor", "contact", "identify", "registration"):
        assert f"{kind}=memory" in text


@pytest.mark.parametrize(
    "value",
    ["a\nb", "a\r[admin]", "a;b", "[x]", "a\x00b", "a\\b", " a", "", '"a"'],
    ids=ascii,
)
@pytest.mark.parametrize("name", ["sip_host", "stun", "turn_user", "password", "media_address"])
def test_a_value_that_could_say_more_than_itself_is_refused(name: str, value: str) -> None:
    with pytest.raises(Problem) as caught:
        files(replace(PLAN, **{name: value}))  # type: ignore[arg-type]
    assert caught.value.key == "voice_setting"
    if name == "password" and value:
        assert value not in str(caught.value.values)


def test_a_folder_with_a_hostile_name_is_refused() -> None:
    with pytest.raises(Problem):
        files(replace(PLAN, folder=Path("/srv/a\n[general]\nx=y")))
    with pytest.raises(Problem):
        files(replace(PLAN, modules=frozenset({"a.so\nload = app_system"})))


def test_one_configuration_is_told_from_another() -> None:
    same = fingerprint(files(PLAN))
    assert same == fingerprint(files(replace(PLAN)))
    assert same != fingerprint(files(replace(PLAN, rtp_ports=(20000, 21000))))


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("ATIENDE_VOICE", "maybe", "settings_voice"),
        ("ATIENDE_SIP_HOST", "127.0.0.1\nbind=0.0.0.0", "settings_address"),
        ("ATIENDE_SIP_PORT", "70000", "settings_port"),
        ("ATIENDE_RTP_PORTS", "20000", "settings_rtp"),
        ("ATIENDE_RTP_PORTS", "30000-20000", "settings_rtp"),
        ("ATIENDE_RTP_PORTS", "80-90", "settings_rtp"),
        ("ATIENDE_MEDIA_ADDRESS", "mi casa", "settings_address"),
        ("ATIENDE_STUN", "stun.example:3478\n[x]", "settings_server"),
        ("ATIENDE_TURN", "-x", "settings_server"),
        ("ATIENDE_TURN_USER", "a;b", "settings_server"),
        ("ATIENDE_TURN_PASSWORD", "a\nb", "settings_server"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(variable: str, value: str, key: str) -> None:
    with pytest.raises(Problem) as caught:
        read_settings({}, {variable: value})
    assert caught.value.key == key
    if "PASSWORD" in variable:
        assert value not in str(caught.value.values)


def test_options_win_over_the_environment_for_calls_too() -> None:
    environ = {"ATIENDE_VOICE": "off", "ATIENDE_RTP_PORTS": "30000-30010"}
    given = read_settings({"voice": "on", "rtp_ports": "40000-40010"}, environ)
    assert (given.voice, given.rtp_ports) == ("on", (40000, 40010))
    assert read_settings({}, environ).rtp_ports == (30000, 30010)


def test_calls_are_on_by_default_and_a_person_may_say_otherwise() -> None:
    assert read_settings({}, {}).voice == "auto"
    assert read_settings({}, {}).runs_voice
    assert not read_settings({}, {"ATIENDE_VOICE": "off"}).runs_voice


def test_the_number_that_a_registration_is_called_by_is_taken_from_to_and_holds_digits_alone() -> (
    None
):
    text = files(PLAN)["extensions.conf"]
    trunk = text.partition("[from-trunk]")[2].partition("[from-agent]")[0]
    assert f"exten => {REGISTERED_USER},1,Set(TO=" in trunk
    assert "Stasis(atiende,inbound,${FILTER(0-9+,${TO})})" in trunk
