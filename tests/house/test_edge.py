"""The https edge: self-made certificate, renewed certificate, a proxy's word, from outside."""

import ipaddress
import shutil
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from cryptography import x509

from atiende.engines.tls import make_certificate
from atiende.settings import Settings
from tests.house.running import Product, atiende, until

Make = Callable[..., Product]

pytestmark = pytest.mark.house


def served_certificate(port: int) -> x509.Certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        der = secure.getpeercert(binary_form=True)
    assert der is not None
    return x509.load_der_x509_certificate(der)


def test_beyond_loopback_it_speaks_https_with_a_certificate_of_its_own(product: Make) -> None:
    running = product("data", "--host", "0.0.0.0").start().ready()
    assert running.note.url.startswith("https://")
    until(lambda: "certificado hecho aquí mismo" in running.text, "it says so")
    trusted = ssl.create_default_context(cafile=str(running.data / "tls" / "self-made.crt"))
    answer = httpx.get(f"https://127.0.0.1:{running.note.port}/healthz", verify=trusted)
    assert answer.status_code == 200
    key = running.data / "tls" / "self-made.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert running.stop() == 0


def test_a_renewed_certificate_is_served_without_a_restart(product: Make, place: Path) -> None:
    certificate, key = place / "site.crt", place / "site.key"
    make_certificate(certificate, key, ("localhost", "127.0.0.1"))
    running = product("data", "--tls-cert", str(certificate), "--tls-key", str(key))
    running.start().ready()
    first = served_certificate(running.note.port).serial_number
    certificate.write_text("half a file")
    assert served_certificate(running.note.port).serial_number == first
    renewed = place / "renewed"
    renewed.mkdir()
    make_certificate(renewed / "crt", renewed / "key", ("localhost",))
    shutil.copy(renewed / "key", key)
    shutil.copy(renewed / "crt", certificate)
    until(
        lambda: served_certificate(running.note.port).serial_number != first,
        "the renewed certificate is served",
        10,
    )
    assert running.get().status_code == 200
    assert running.stop() == 0


def test_behind_a_proxy_it_speaks_http_beyond_loopback(product: Make) -> None:
    running = product("data", "--host", "0.0.0.0", "--behind-proxy", "127.0.0.0/8")
    running.start().ready()
    assert running.note.url.startswith("http://")
    assert running.get().status_code == 200
    assert running.stop() == 0


def test_a_certificate_that_cannot_be_used_is_said_in_one_sentence(
    product: Make, place: Path
) -> None:
    (place / "bad.crt").write_text("not a certificate")
    (place / "bad.key").write_text("not a key")
    stopped = product()
    options: list[str | Path] = [
        "--tls-cert",
        place / "bad.crt",
        "--tls-key",
        place / "bad.key",
        "--port",
        "0",
    ]
    done = atiende("up", "--data", stopped.data, *options)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("atiende: No se puede usar el certificado")


def test_one_half_of_a_pair_and_a_wrong_network_are_refused(place: Path) -> None:
    alone = atiende("up", "--data", place / "data", "--tls-cert", place / "x.crt")
    assert (alone.returncode, list(place.iterdir())) == (2, [])
    network = atiende("up", "--data", place / "data", "--behind-proxy", "everywhere")
    assert (network.returncode, "everywhere" in network.stderr) == (2, True)


@pytest.mark.parametrize(
    ("host", "beyond"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True)],
)
def test_loopback_is_told_from_the_rest(host: str, *, beyond: bool) -> None:
    assert Settings(host=host).beyond_loopback is beyond
    assert ipaddress.ip_address("127.0.0.1").is_loopback
