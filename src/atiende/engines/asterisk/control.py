"""Asterisk's own command line, over its control socket: what ARI has no question for.

Called by `exchange`. Commands are ours, never a person's words.
"""

import asyncio
import contextlib
from pathlib import Path

SOCKET = "asterisk.ctl"
PATIENCE_S = 5.0
#: A table of thousands of lines is shorter.
LONGEST = 4 * 2**20


async def command(run: Path, text: str) -> str:
    """What Asterisk prints for a command; empty when it cannot be asked.

    The first line that comes is its greeting. `cli quit after` ends the connection with the answer.
    """
    said = b""
    with contextlib.suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_unix_connection(str(run / SOCKET))
            try:
                await reader.readline()
                writer.write(b"cli quit after " + text.encode() + b"\0")
                while len(said) < LONGEST and (more := await reader.read(65536)):
                    said += more
            finally:
                writer.close()
    return said.decode(errors="replace")
