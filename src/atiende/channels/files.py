"""Which files a chat takes, known by their first bytes and not by what they say they are.  PURE.

The upload routes (visitor's and agent's) call ``sniff`` with the head of the file, and keep
``file_name`` and the type found here; what the browser declared is never believed.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from atiende.channels.text import text

HEAD_BYTES = 4096  # what ``sniff`` needs to see

# (offset, bytes, media type)
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypisom", "video/mp4"),
    (4, b"ftypiso5", "video/mp4"),
    (4, b"ftypmp42", "video/mp4"),
    (4, b"ftypmp41", "video/mp4"),
    (4, b"ftypavc1", "video/mp4"),
    (4, b"ftypqt", "video/quicktime"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"PK\x03\x04", "application/zip"),
)
# A zip is taken only as one of these, by its name; any other archive is refused.
_OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_OFFICE_PARTS = (b"[Content_Types].xml", b"_rels/", b"word/", b"xl/", b"ppt/", b"mimetype")
_PLAIN = {".txt": "text/plain", ".csv": "text/csv"}
_MARKUP = re.compile(rb"<\s*(!doctype|html|script|svg|\?xml|iframe|body|head)", re.IGNORECASE)

MEDIA_TYPES = frozenset(
    {found for _, _, found in _MAGIC if found != "application/zip"}
    | set(_OFFICE.values())
    | set(_PLAIN.values())
)
INLINE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
ACCEPT = ",".join(sorted(MEDIA_TYPES | set(_OFFICE) | set(_PLAIN)))  # for a file picker


def sniff(head: bytes, name: str) -> str | None:
    """The media type of a file by its first ``HEAD_BYTES``; None when it is not taken."""
    ending = PurePosixPath(name.lower()).suffix
    for offset, magic, found in _MAGIC:
        if head[offset : offset + len(magic)] != magic:
            continue
        if found == "application/zip":
            inside = any(part in head[30:200] for part in _OFFICE_PARTS)
            return _OFFICE.get(ending) if inside else None
        if offset == 8 and head[:4] != b"RIFF":
            return None
        return found
    return _PLAIN.get(ending) if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head or _MARKUP.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return wrong.start >= len(head) - 3 and wrong.start > 0  # cut in the middle of a character
    return True


# The endings a type may be saved under; the first is given to a file that has another's, because
# what opens a file on somebody's desk is its name (a page that begins like a PDF, say).
_ENDINGS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "application/pdf": (".pdf",),
    "audio/mp4": (".m4a", ".mp4"),
    "video/mp4": (".mp4", ".m4v"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm", ".mkv", ".weba"),
    "audio/ogg": (".ogg", ".oga", ".opus", ".ogv"),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    **{found: (ending,) for ending, found in (_OFFICE | _PLAIN).items()},
}


def fitting_name(name: str, media_type: str) -> str:
    """The name with an ending that says what the file is."""
    endings = _ENDINGS[media_type]
    ending = PurePosixPath(name.lower()).suffix
    return name if ending in endings else f"{name[:110]}{endings[0]}"


_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\n\t]+')


_WIDTHLESS = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def file_name(name: str) -> str:
    """A name fit to be shown and saved: the last part only, nothing unseen, 120 characters."""
    last = re.split(r"[/\\]", _WIDTHLESS.sub("", text(name)))[-1]
    clean = _NOT_IN_NAMES.sub("_", last).strip(". ")
    stem, dot, ending = clean.rpartition(".")
    if len(clean) > 120:
        clean = f"{stem[: 119 - len(ending)]}.{ending}" if dot and len(ending) < 10 else clean[:120]
    return clean or "archivo"
