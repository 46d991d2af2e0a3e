"""How much a visitor may send.  Told to the widget, enforced by parse.py and the server."""

from __future__ import annotations

MAX_FRAME_BYTES = 64 * 1024
MAX_FORM_BYTES = 16 * 1024
MAX_BODY = 4_000  # characters, as a person counts them
MAX_ATTACHMENTS = 10
MAX_TOKEN = 200
MAX_REV = 2**53 - 1  # what JavaScript counts without error
MESSAGES_PER_WINDOW = 20
WINDOW_S = 10.0
FRAMES_PER_WINDOW = 50  # in web/frames.py's stretch; what comes faster is read more slowly
UPLOADS_PER_WINDOW = 20
UPLOAD_WINDOW_S = 60.0
SOCKETS_PER_VISITOR = 5
MAX_FILE_MB = 25
