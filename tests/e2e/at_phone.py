"""Who calls, and what an agent's browser hears and says. The virtual phone lives in a thread of its
own: Playwright's loop allows no other beside it."""

import asyncio
import threading
import wave
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Page

from atiende.demo.phone import Options, Phone
from atiende.demo.phone.audio import rms, share, tone

T = TypeVar("T")
#: What the caller says and what the agent's microphone hears, in Hz.
CALLERS, AGENTS = 440, 1000
LOUD, SILENT = 300, 60
#: Keeps every connection of the page where a test can ask what it hears.
LISTENING = """
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
ENERGY = """async () => {
  const last = window.connections.at(-1);
  if (!last) return null;
  const told = [...(await last.getStats()).values()];
  const heard = told.find((each) => each.type === 'inbound-rtp' && each.kind === 'audio');
  return heard ? [heard.totalAudioEnergy ?? 0, heard.totalSamplesDuration ?? 0] : null;
}"""
PITCH = """async () => {
  const last = window.connections.at(-1);
  const ears = new AudioContext();
  const meter = ears.createAnalyser();
  meter.fftSize = 8192;
  meter.smoothingTimeConstant = 0;
  const track = last.getReceivers().find((each) => each.track.kind === 'audio').track;
  ears.createMediaStreamSource(new MediaStream([track])).connect(meter);
  await new Promise((done) => setTimeout(done, 600));
  const found = new Float32Array(meter.frequencyBinCount);
  meter.getFloatFrequencyData(found);
  await ears.close();
  return (found.indexOf(Math.max(...found)) * ears.sampleRate) / meter.fftSize;
}"""


LOUDNESS = PITCH.replace("async () =>", "async (hertz) =>").replace(
    "return (found.indexOf(Math.max(...found)) * ears.sampleRate) / meter.fftSize;",
    "const at = Math.round((hertz * meter.fftSize) / ears.sampleRate);"
    " return Math.max(...found.slice(at - 2, at + 3), -200);",
)


def microphone(folder: Path, hertz: float = AGENTS) -> Path:
    """A file with the tone that the microphone hears."""
    path = folder / "agent.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(tone(hertz, 2.0).tobytes())
    return path


def flags(path: Path) -> tuple[str, ...]:
    """Chromium with that microphone, and nobody to ask."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    )


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, work: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


class Caller:
    """Somebody out there with a telephone."""

    def __init__(self, loop: Loop, phone: Phone, name: str) -> None:
        self.loop, self.phone, self.name = loop, phone, name

    def call(self, number: str) -> None:
        async def dial() -> None:
            await self.phone.call(number)
            await self.phone.until("talking")
            self.phone.say(tone(CALLERS))

        self.loop.run(dial())

    def hears(self, hertz: float, seconds: float = 10) -> bool:
        """Whether that tone is what is heard, within a while."""

        async def listen() -> bool:
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                sound = await self.phone.heard(0.5)
                if rms(sound) > LOUD and share(sound, hertz) > 0.9:
                    return True
            return False

        return self.loop.run(listen())

    def hears_music(self, seconds: float = 10) -> bool:
        """Something loud that is no tone of ours."""

        async def listen() -> bool:
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                sound = await self.phone.heard(0.5)
                if rms(sound) > LOUD and share(sound, AGENTS) < 0.3:
                    return True
            return False

        return self.loop.run(listen())

    def hears_nothing(self, seconds: float = 10) -> bool:
        async def listen() -> bool:
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                if rms(await self.phone.heard(0.5)) < SILENT:
                    return True
            return False

        return self.loop.run(listen())

    def share(self, hertz: float, seconds: float = 1.0) -> float:
        """How much of what is heard is that tone, 0 to 1."""

        async def listen() -> float:
            return share(await self.phone.heard(seconds), hertz)

        return self.loop.run(listen())

    def digits(self, count: int) -> str:
        return self.loop.run(self.phone.digits_heard(count))

    def ends(self) -> None:
        """Waits until the other side has hung up."""
        self.loop.run(self.phone.until("ended"))

    def hang_up(self) -> None:
        self.loop.run(self.phone.hang_up())

    def rejects(self, status: int = 486) -> None:
        """Is called, and is busy."""

        async def busy() -> None:
            await self.phone.until("incoming", 10)
            await self.phone.reject(status)

        self.loop.run(busy())


@contextmanager
def caller(proxy: tuple[str, int], number: str, name: str) -> Iterator[Caller]:
    loop = Loop()
    phone = Phone(Options(proxy=proxy, user=number, name=name))
    loop.run(phone.__aenter__())
    try:
        yield Caller(loop, phone, name)
    finally:
        loop.run(phone.__aexit__(None, None, None))
        loop.end()


def power(page: Page) -> float:
    """How loud it is in the agent's ear: energy a second, over the next second."""
    before = page.evaluate(ENERGY)
    page.wait_for_function("() => new Promise((r) => setTimeout(() => r(true), 1000))")
    after = page.evaluate(ENERGY)
    energy, seconds = (now - then for now, then in zip(after, before, strict=True))
    return float(energy / seconds) if seconds else 0.0


def pitch(page: Page) -> float:
    """The loudest frequency in the agent's ear, in Hz."""
    return float(page.evaluate(PITCH))


def loudness(page: Page, hertz: float) -> float:
    """How loud that frequency is in the ear, in decibels under full scale; -200 for nothing."""
    return float(page.evaluate(LOUDNESS, hertz))
