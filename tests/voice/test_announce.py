"""What a caller is told while he waits: the words, and when they are said."""

import random
from dataclasses import replace

import pytest

from atiende.channels.voice import effects as do
from atiende.channels.voice import facts as has
from atiende.channels.voice.announce import MINUTES, POSITIONS, STEPS, Said, announce, step_of
from atiende.channels.voice.call import (
    AskPlace,
    Call,
    Closed,
    Place,
    Routed,
    SetTimer,
    Started,
    Struck,
)
from atiende.channels.voice.calls import MUSIC, step
from atiende.channels.voice.waiting import AGAIN_S, FIRST_S, Words
from atiende.channels.voice.waiting import step as speak
from atiende.prompts.spoken import LANGUAGES, audio, sentences

WAITING = Call("int-1", "asterisk-1.1", state="waiting")


def names(position: int, wait_s: float | None, said: Said = Said()) -> list[str]:  # noqa: B008
    media, _ = announce(position, wait_s, said, "es")
    return [each.removeprefix("sound:custom/es/") for each in media]


@pytest.mark.parametrize(
    ("seconds", "step_said"),
    [
        (0, "wait-soon"), (59.9, "wait-soon"), (60, "wait-1"), (89, "wait-1"), (91, "wait-2"),
        (149, "wait-2"), (151, "wait-3"), (640, "wait-10"), (661, "wait-12"), (900, "wait-15"),
        (1199, "wait-20"), (1201, "wait-many"), (9e9, "wait-many"),
    ],
)  # fmt: skip
def test_a_wait_is_said_in_coarse_minutes(seconds: float, step_said: str) -> None:
    assert STEPS[step_of(seconds)] == step_said


def test_a_spoken_wait_is_never_far_from_the_estimate() -> None:
    for seconds in range(90, 1050):
        said = int(STEPS[step_of(seconds)].removeprefix("wait-"))
        assert abs(said * 60 - seconds) <= max(30, seconds * 0.2)


def test_a_place_is_said_by_number_and_beyond_twenty_as_many() -> None:
    assert names(1, 10) == ["position-1", "wait-soon"]
    assert names(20, None) == ["position-20", "patience"]
    assert names(21, 2000) == ["position-many", "wait-many"]


def test_noise_makes_no_wait_grow_but_a_change_is_told() -> None:
    _, said = announce(3, 180, Said(), "es")
    assert names(3, 230, said) == ["position-3", "wait-3"]
    assert names(3, 400, said) == ["position-3", "wait-7"]
    assert names(2, 100, said) == ["position-2", "wait-2"]


def test_a_place_that_went_up_is_not_said() -> None:
    _, said = announce(3, 180, Said(), "es")
    media, later = announce(5, 180, said, "es")
    assert media == ("sound:custom/es/wait-3",)
    assert later.position == 3


def test_a_noisy_estimate_that_goes_down_is_never_heard_going_up_a_step() -> None:
    draw = random.Random(7)
    said = Said()
    heard = []
    for left in range(900, 0, -45):
        _, said = announce(1 + left // 90, left * draw.uniform(0.93, 1.07), said, "es")
        heard.append(said.step)
    assert heard == sorted(heard, reverse=True)
    assert len(set(heard)) > 5


def test_english_is_spoken_to_who_wants_it_and_spanish_otherwise() -> None:
    assert announce(2, 70, Said(), "en")[0] == (
        "sound:custom/en/position-2",
        "sound:custom/en/wait-1",
    )
    assert announce(2, 70, Said(), "qu")[0][0].startswith("sound:custom/es/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_may_be_said_has_its_audio(language: str) -> None:
    said = {f"position-{n}" for n in (1, *POSITIONS)} | {"position-many", "patience", *STEPS}
    said |= {"greeting", "recording", "closed", "apology", "overflow"}
    assert said == set(sentences(language))
    for name in said:
        head = audio(language, name).read_bytes()[:64]
        assert head.startswith(b"OggS"), name
        assert b"OpusHead" in head, name
    assert len(MINUTES) + 3 == len(STEPS)


def test_the_audio_is_small() -> None:
    files = [path for code in LANGUAGES for path in audio(code, "x").parent.glob("*")]
    assert sum(path.stat().st_size for path in files) < 2_000_000


# --- the words beside the machine


def said(words: Words, *steps: tuple[Call, object]) -> tuple[Words, list[object]]:
    """After all of them, and what the last one asked for."""
    wanted: list[object] = []
    for call, fact in steps:
        words, more = speak(words, call, fact)
        wanted = list(more)
    return words, wanted


FIRST = SetTimer("say:int-1:1", FIRST_S)
STRUCK = Struck("say:int-1:1")


def test_who_waits_is_told_his_place_after_a_moment_and_again() -> None:
    words, wanted = said(Words(), (WAITING, Started()))
    assert wanted == [FIRST]
    words, wanted = said(words, (WAITING, STRUCK))
    assert wanted == [AskPlace(2), SetTimer("say:int-1:2", AGAIN_S)]
    words, wanted = said(words, (WAITING, Place(2, 3, 200.0, 60)))
    media = ("sound:custom/es/position-3", "sound:custom/es/wait-3")
    assert wanted == [
        do.Play(WAITING.channel, "say:int-1:3", media, "es"),
        SetTimer("say:int-1:3", 60.0),
    ]
    assert said(words, (WAITING, Struck("say:int-1:2")))[1] == [], "the older timer"
    assert said(words, (WAITING, Place(2, 3, 200.0, 60)))[1] == [], "an answer that comes twice"


def test_a_queue_may_tell_nothing() -> None:
    words, wanted = said(
        Words(), (WAITING, Started()), (WAITING, STRUCK), (WAITING, Place(2, 1, 9.0, None))
    )
    assert wanted == []
    assert said(words, (WAITING, Struck("say:int-1:2")))[1] == []


def test_a_sentence_ends_before_the_two_are_connected() -> None:
    telling = ((WAITING, Started()), (WAITING, STRUCK), (WAITING, Place(2, 1, 9.0, 60)))
    words, _ = said(Words(), *telling)
    ringing, talking = replace(WAITING, state="ringing"), replace(WAITING, state="connected")
    assert said(words, (ringing, Routed("ana", "p")))[1] == []
    words, wanted = said(words, (talking, Routed("ana", "p", assigned=True)))
    assert wanted == [do.StopPlay("say:int-1:3")]
    assert said(words, (talking, Struck("say:int-1:3")))[1] == []


def test_nothing_is_begun_while_an_agents_phone_rings() -> None:
    ringing = replace(WAITING, state="ringing")
    words, wanted = said(Words(), (WAITING, Started()), (ringing, STRUCK))
    assert wanted == [SetTimer("say:int-1:2", AGAIN_S)]
    assert said(words, (WAITING, Struck("say:int-1:2")))[1][0] == AskPlace(3)


def test_no_sentence_is_laid_over_another() -> None:
    telling = ((WAITING, Started()), (WAITING, STRUCK), (WAITING, Place(2, 1, 9.0, 60)))
    again = ((WAITING, Struck("say:int-1:3")), (WAITING, Place(4, 1, 9.0, 60)))
    words, wanted = said(Words(), *telling, *again)
    assert wanted == []
    over = has.PlaybackFinished("say:int-1:3")
    _, wanted = said(words, (WAITING, over), (WAITING, Struck("say:int-1:4")))
    assert wanted[0] == AskPlace(5)


# --- turned away


AWAY = Closed(("sound:custom/es/overflow",))


@pytest.mark.parametrize("before", [(), (Routed("ana", "phone-ana"),)])
def test_whom_nobody_will_attend_is_told_so_and_then_it_ends(before: tuple[object, ...]) -> None:
    call = Call("int-1", "asterisk-1.1")
    for fact in (Started(), *before):
        call, _ = step(call, fact)  # type: ignore[arg-type]
    call, wanted = step(call, AWAY)
    name = "prompt:int-1:away"
    assert do.Play("asterisk-1.1", name, AWAY.media, "es") in wanted
    assert (call.state, call.leg) == ("closing", "")
    assert (do.Hangup("leg:int-1:1") in wanted) == bool(before)
    _, wanted = step(call, has.PlaybackFinished(name))
    assert wanted == [do.Hangup("asterisk-1.1")]


def test_turned_away_in_the_greeting_the_greeting_stops() -> None:
    call, _ = step(Call("int-1", "a-1.1"), Started(("sound:hola",)))
    call, wanted = step(call, AWAY)
    assert wanted[0] == do.StopPlay("prompt:int-1")
    assert step(call, has.PlaybackFinished("prompt:int-1"))[1] == []


def test_who_is_attended_is_not_turned_away() -> None:
    call = Call("int-1", "a-1.1", state="ringing", agent="ana", leg="leg:int-1:1", assigned=True)
    assert step(call, AWAY)[0].state == "ended"


def test_each_music_has_a_place_of_its_own() -> None:
    call = Call("int-1", "a-1.1", music="salsa")
    assert step(call, Started())[1][1] == do.Wait("a-1.1", f"{MUSIC}-salsa")
