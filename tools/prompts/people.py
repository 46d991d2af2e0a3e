"""Makes the voices of the demo's callers and agents, as make.py makes the product's sentences.

    python tools/prompts/people.py --voices FOLDER [--only NAME]

Reads `demo/phone/speech.json`; writes raw A-law, 8,000 samples a second, beside it: what a
telephone carries, so that the virtual phone needs no decoder.
"""

import argparse
import json
from pathlib import Path

import make
import numpy as np

from atiende.demo.phone.audio import encode
from atiende.demo.phone.speech import FOLDER, TEXTS

#: Between two turns of one person the other one speaks.
TURN_S, LAST_S = 3.5, 5.0
HZ = 8_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--only", help="one person's name")
    args = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name, told in json.loads(TEXTS.read_text(encoding="utf-8")).items():
        if args.only not in (None, name):
            continue
        make.SPEAKERS["es"] = (told["voice"], "es-419")
        speaker = make.Speaker(args, "es")
        parts = []
        for number, text in enumerate(told["turns"], 1):
            wide = make.finish(speaker.say(text))
            # Of 16 kHz, whose upper half a telephone does not carry.
            taps = np.arange(-48, 49)
            sieve = np.sinc(taps / 2.2) * np.hamming(len(taps))
            narrow = np.convolve(wide, sieve / sieve.sum(), mode="same")[::2]
            last = number == len(told["turns"])
            parts += [narrow, np.zeros(int(HZ * (LAST_S if last else TURN_S)))]
        samples = np.clip(np.concatenate(parts) * 32767, -32768, 32767).astype(int)
        (FOLDER / f"{name}.alaw").write_bytes(encode(samples.tolist()))


if __name__ == "__main__":
    main()
