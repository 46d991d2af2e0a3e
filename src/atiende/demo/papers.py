"""Files that virtual visitors send: a small drawn photo, a one-page receipt, made on the spot."""

from __future__ import annotations

import random
import struct
import zlib

WIDTH, HEIGHT = 320, 240


def photo(rng: random.Random) -> bytes:
    """A PNG: something like a piece of wood with a scratch across it."""
    red, green, blue = rng.choice(((150, 100, 60), (120, 80, 50), (176, 132, 88)))
    row, slope, bend = rng.randint(60, 160), rng.uniform(-0.4, 0.4), rng.uniform(8, 20)
    lines = bytearray()
    for y in range(HEIGHT):
        lines.append(0)
        grain = int((y * bend) % 24)
        for x in range(WIDTH):
            scratch = abs(y - row - slope * x) < 2 and 40 < x < 260
            light = 70 if scratch else -((x + grain * 7) % 18)
            lines += bytes(min(255, max(0, c + light)) for c in (red, green, blue))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(bytes(lines), 6)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def receipt(lines: list[str]) -> bytes:
    """A PDF of one page with a few lines of text."""
    shown = [line.encode("latin-1", "replace").translate(None, b"()\\") for line in lines]
    text = (
        b"BT /F1 14 Tf 60 760 Td 22 TL " + b" ".join(b"(" + s + b") Tj T*" for s in shown) + b" ET"
    )
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Font<</F1 5 0 R>>>>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)
