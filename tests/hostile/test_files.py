"""Files that lie about their type, their name or their size, and how what is kept is served."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.hostile.attack import NOWHERE, PNG, SHOP, Attended, address_of, is_sane, raw_http
from tests.hostile.conftest import House
from tests.product import client_id

HTML = b"<html><script>window.__xss=1</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00" + bytes(200)


def archive(name: str, size: int = 10) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, b"\0" * size)
    return kept.getvalue()


#: (name, content): every one is refused, whatever it calls itself.
LIARS = (
    ("foto.png", HTML),
    ("foto.png", SVG),
    ("foto.jpg", EXE),
    ("factura.pdf", EXE),
    ("factura.pdf", b"\n\n" + HTML),
    ("logo.svg", SVG),
    ("logo.svg", PNG[:4] + SVG),
    ("pagina.html", HTML),
    ("nota.txt", HTML),
    ("nota.txt", b"\xef\xbb\xbf" + HTML),
    ("nota.txt", "<script>".encode("utf-16")),
    ("nota.txt", b"\xff\xfe" + bytes(range(1, 128))),
    ("a.js", b"alert(1)"),
    (".htaccess", b"AddType application/x-httpd-php .png"),
    ("\u200b.htaccess", b"AddType application/x-httpd-php .png"),
    ("a.zip", archive("word/a.xml")),
    ("a.docm", archive("word/a.xml")),
    ("a.docx", archive("evil.exe")),
    ("a.jar", archive("META-INF/MANIFEST.MF")),
    ("a.wav", b"RIFX____WAVE"),
    ("a.webp", b"XXXX____WEBP"),
    ("a.png", b"\x89PN"),
    ("a", b"texto"),
)
#: (name, content, name kept): taken, under a name that says what it is.
DRESSED = (
    ("factura.html", b"%PDF-1.7\n" + HTML, "factura.html.pdf"),
    ("factura.exe", b"%PDF-1.7\n" + EXE, "factura.exe.pdf"),
    ("foto.hta", b"GIF89a=1;/*" + HTML, "foto.hta.gif"),
    ("foto\u202egnp.bat", PNG, "fotognp.bat.png"),
    ("foto.png\u200b.bat", PNG, "foto.png.bat.png"),
    ("../../../etc/cron.d/x.png", PNG, "x.png"),
    ("..\\..\\windows\\x.png", PNG, "x.png"),
    ("\x00.png\x00", PNG, None),
    ('a";\r\nSet-Cookie: x=1;".png', PNG, None),
    ("CON.png", PNG, "CON.png"),
    ("á" * 300 + ".png", PNG, None),
    ("<img src=x onerror=alert(1)>.png", PNG, None),
    ("bomba.docx", archive("word/document.xml", 20_000_000), "bomba.docx"),
)


async def by_agent(a: Attended, name: str, content: bytes) -> httpx.Response:
    path = f"/api/uploads?conversation={a.conversation}"
    return await a.ana.http.post(path, files={"file": (name, content, "image/png")})


@pytest.fixture(autouse=True)
def _no_limit_reached(house: House) -> None:
    house.product.app.state.chats.uploads.clear()


async def test_a_file_that_lies_is_refused_from_both_sides(
    house: House, attended: Attended
) -> None:
    for name, content in LIARS:
        for answer in (
            await attended.guest_upload(name, content),
            await by_agent(attended, name, content),
        ):
            assert answer.status_code == 415, (name, content[:20], answer.text)
        house.product.app.state.chats.uploads.clear()


@pytest.mark.parametrize(("name", "content", "kept"), DRESSED)
async def test_what_is_taken_has_a_name_that_says_what_it_is(
    house: House, attended: Attended, name: str, content: bytes, kept: str | None
) -> None:
    answer = await attended.guest_upload(name, content)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    shown = told["name"]
    assert kept in (None, shown), shown
    assert not set('/\\:*?"<>|\r\n\x00\u202e\u200b') & set(shown)
    assert 1 <= len(shown) <= 125
    headers = {"Authorization": f"Bearer {attended.guest.token}", "Origin": SHOP}
    got = await attended.ana.http.get(f"/chat/attachments/{told['id']}", headers=headers)
    is_harmless(got)
    assert got.content == content
    kept_in = next(house.product.settings.blobs_dir.iterdir())
    assert kept_in.stat().st_mode & 0o077 == 0


def is_harmless(got: httpx.Response) -> None:
    assert got.status_code == 200, got.text
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in got.headers
    kind = got.headers["content-type"].partition(";")[0]
    assert kind not in ("text/html", "image/svg+xml", "application/xml", "text/xml")


async def test_only_an_image_is_shown_in_place(attended: Attended) -> None:
    for name, content, shown in (
        ("a.png", PNG, "inline"),
        ("a.pdf", b"%PDF-1.7\n" + HTML, "attachment"),
        ("a.txt", b"hola", "attachment"),
    ):
        kept = (await by_agent(attended, name, content)).json()["id"]
        got = await attended.ana.http.get(f"/api/attachments/{kept}?inline=1")
        assert got.headers["content-disposition"].startswith(shown)
        assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert got.headers["x-content-type-options"] == "nosniff"


async def test_a_file_too_big_empty_or_missing_is_refused(attended: Attended) -> None:
    assert (await attended.guest_upload("a.png", b"")).status_code == 422
    assert (await attended.guest_upload("a.png", PNG + bytes(10 * 2**20))).status_code == 413
    assert (await by_agent(attended, "a.png", PNG + bytes(25 * 2**20))).status_code == 413
    assert (await by_agent(attended, "a.png", PNG + bytes(27 * 2**20))).status_code == 413
    headers = {"Authorization": f"Bearer {attended.guest.token}", "Origin": SHOP}
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    tries: list[dict[str, Any]] = [
        {"data": {"file": "texto"}},
        {"json": {"file": 1}},
        {"content": b"--x\r\nbroken", "headers": multipart},
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        {"files": [("file", ("a.png", PNG)), ("file", ("b.png", PNG))]},
        {"data": {f"f{n}": "x" for n in range(50)}, "files": {"file": ("a.png", PNG)}},
    ]
    for sent in tries:
        more = {**headers, **sent.pop("headers", {})}
        answer = await attended.ana.http.post("/chat/upload", headers=more, **sent)
        is_sane(answer)
        assert answer.status_code >= 400


async def test_an_upload_that_never_ends_is_forgotten_without_a_word(
    house: House, attended: Attended
) -> None:
    for path, head in (
        ("/chat/upload", f"Authorization: Bearer {attended.guest.token}\r\nOrigin: {SHOP}"),
        (f"/api/uploads?conversation={attended.conversation}", "X-Atiende: 1"),
    ):
        _, writer = await asyncio.open_connection(*address_of(house.product))
        begun = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\n{head}\r\nContent-Length: 5000000\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: "
            'form-data; name="file"; filename="a.png"\r\n\r\n'
        )
        writer.write(begun.encode() + bytes(100_000))
        await writer.drain()
        writer.transport.abort()
    assert (await attended.guest.say("sigo"))["t"] == "ack"


async def test_a_body_that_lies_about_its_length_is_cut(house: House) -> None:
    """Chunked, so nothing says how long it is."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    async with httpx.AsyncClient(base_url=house.product.base, timeout=20) as http:
        for path in ("/chat/start", "/api/login"):
            headers = {"X-Atiende": "1", "Origin": house.product.base}
            answer = await http.post(path, content=endless(), headers=headers)
            assert answer.status_code == 413, (path, answer.text)


async def test_uploads_have_a_pace(house: House, attended: Attended) -> None:
    answers = await asyncio.gather(*(attended.guest_upload("a.png", PNG) for _ in range(30)))
    codes = [a.status_code for a in answers]
    assert codes.count(200) == 20
    assert set(codes) == {200, 429}


async def test_nobody_uploads_without_being_known(house: House, attended: Attended) -> None:
    async with httpx.AsyncClient(base_url=house.product.base) as http:
        for headers in (
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": f"Basic {attended.guest.token}"},
            {"Authorization": f"Bearer {attended.guest.token}", "Origin": "https://malo.example"},
        ):
            told = {"Origin": SHOP, **headers}
            answer = await http.post("/chat/upload", files={"file": ("a.png", PNG)}, headers=told)
            assert answer.status_code == 401, (headers, answer.text)
        own = {"X-Atiende": "1", "Origin": house.product.base}
        path = f"/api/uploads?conversation={attended.conversation}"
        answer = await http.post(path, files={"file": ("a.png", PNG)}, headers=own)
        assert answer.status_code == 401


async def test_a_stranger_is_refused_before_his_file_is_taken(house: House) -> None:
    request = (
        f"POST /api/uploads?conversation={NOWHERE} HTTP/1.1\r\nHost: x\r\nX-Atiende: 1\r\n"
        "Origin: http://x\r\nContent-Length: 20000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    answer = await raw_http(house.product, request.encode(), 1.5)
    assert answer.startswith(b"HTTP/1.1 401")


async def test_a_message_of_nothing_but_foreign_files_is_no_message(attended: Attended) -> None:
    theirs = (await by_agent(attended, "a.png", PNG)).json()["id"]
    told = await attended.guest.say("", attachments=[theirs])
    assert (told["t"], told["key"]) == ("error", "message_empty")
    visitors = await attended.guest_file()
    body = {"client_id": client_id(), "body": "", "attachments": [visitors]}
    path = f"/api/conversations/{attended.conversation}/messages"
    assert (await attended.ana.http.post(path, json=body)).status_code == 422


async def test_a_file_goes_with_one_message_once_and_again_by_the_same_id(
    attended: Attended,
) -> None:
    mine, made = await attended.guest_file(), client_id()
    first = await attended.guest.say("", client_id=made, attachments=[mine])
    assert first["t"] == "ack"
    attended.guest.frames.clear()
    again = await attended.guest.say("", client_id=made, attachments=[mine])
    assert (again["t"], again["id"]) == ("ack", first["id"])
    reused = await attended.guest.say("", attachments=[mine])
    assert reused["t"] == "error"
