"""The pictures of README and the guides: some of the gallery's, small, as WebP in docs/images.

`./atiende gallery --docs` makes them; the conversion is Chromium's own.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.e2e.stage import Browsers
from tests.sources import ROOT

#: File in docs/images -> the gallery's picture.
OF = {
    "desk": "mesa-llena-wide-light",
    "widget": "chat-conversacion-wide-light",
    "supervisor-dark": "supervision-chat-wide-dark",
    "admin-chat": "admin-11-chat-web-editar-wide-light",
    "first-run": "inicio-canal-wide-light",
    "history": "historial-filtros-wide-light",
}
MOST_BYTES = 150_000
DRAW = """async data => {
    const picture = await createImageBitmap(await (await fetch(data)).blob());
    const canvas = document.createElement('canvas');
    canvas.width = picture.width; canvas.height = picture.height;
    canvas.getContext('2d').drawImage(picture, 0, 0);
    return canvas.toDataURL('image/webp', 0.86).split(',')[1];
}"""


def write(browser: Browsers, folder: Path) -> list[str]:
    """Writes those that were taken; what is too large, or was not taken, is told."""
    page = browser.context().new_page()
    told = []
    for name, taken in OF.items():
        source = folder / f"{taken}.png"
        if not source.exists():
            told.append(f"{name}: {taken} was not taken")
            continue
        data = base64.b64encode(source.read_bytes()).decode()
        made = base64.b64decode(page.evaluate(DRAW, f"data:image/png;base64,{data}"))
        (ROOT / "docs" / "images" / f"{name}.webp").write_bytes(made)
        if len(made) > MOST_BYTES:
            told.append(f"{name}: {len(made)} bytes")
    return told
