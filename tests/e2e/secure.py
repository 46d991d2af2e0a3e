"""Another machine, for the tests of secure reach: a namespace, an authority, a proxy. As root.

`machine()` is a network namespace joined to this machine by a pair of virtual cards with addresses
of its own; a Chromium started in it reaches us only by that wire. `Authority` signs certificates;
its own goes into that Chromium's store (NSS), in a home of the test's own. `tls_proxy` speaks
https for a server that does not, and says so in X-Forwarded-Proto.
"""

import datetime
import ipaddress
import os
import secrets
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.stage import chromium

#: `ip` is not in everybody's path.
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def run(*words: str | Path) -> None:
    """A program of the system's; CalledProcessError when it fails."""
    subprocess.run(
        [str(w) for w in words],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": PATH},
        timeout=30,
    )


@dataclass(frozen=True)
class Machine:
    """`here` is our address on the wire; `browser` a program that is Chromium over there."""

    name: str
    here: str
    browser: Path


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    mark = secrets.token_hex(3)
    name, near, far = f"at-{mark}", f"at{mark}a", f"at{mark}b"
    # Of the block for benchmarks (RFC 2544): nobody's network is in it.
    net = ipaddress.ip_address("198.18.0.0") + 4 * secrets.randbelow(2**14)
    here, there = str(net + 1), str(net + 2)
    browser = folder / "chromium-over-there"
    browser.write_text(f'#!/bin/sh\nPATH="{PATH}" exec ip netns exec {name} {chromium()} "$@"\n')
    browser.chmod(0o700)
    run("ip", "netns", "add", name)
    try:
        run("ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
        run("ip", "address", "add", f"{here}/30", "dev", near)
        run("ip", "link", "set", near, "up")
        run("ip", "-n", name, "address", "add", f"{there}/30", "dev", far)
        run("ip", "-n", name, "link", "set", far, "up")
        run("ip", "-n", name, "link", "set", "lo", "up")
        yield Machine(name, here, browser)
    finally:
        run("ip", "netns", "delete", name)  # the pair of cards goes with it
        with suppress(subprocess.CalledProcessError):
            run("ip", "link", "delete", near)


class Authority:
    """A certificate authority of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autoridad de prueba")])
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        made = (
            self._about(self.name, self.key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )
        self.certificate = folder / "authority.crt"
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def _about(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=7))
        )

    def sign(self, address: str, called: str) -> tuple[Path, Path]:
        """Certificate and key of a server at that address; written in place when they exist."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        made = self._about(subject, key).add_extension(names, critical=False)
        signed = made.sign(self.key, hashes.SHA256())
        paths = self.folder / "site.crt", self.folder / "site.key"
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return paths

    def home(self, *, trusting: bool) -> Path:
        """A home for a browser, which knows us or does not."""
        home = self.folder / ("trusts" if trusting else "knows-nobody")
        store = home / ".pki" / "nssdb"
        store.mkdir(parents=True)
        run("certutil", "-N", "-d", f"sql:{store}", "--empty-password")
        if trusting:
            add = ("certutil", "-A", "-d", f"sql:{store}", "-n", "prueba", "-t", "C,,")
            run(*add, "-i", self.certificate)
        return home


@contextmanager
def tls_proxy(address: str, pair: tuple[Path, Path], to: int) -> Iterator[str]:
    """The https address of a proxy in front of our own port `to`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    listening = socket.create_server((address, 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_carry, args=(context, plain, to), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"https://{address}:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def _carry(context: ssl.SSLContext, plain: socket.socket, to: int) -> None:
    """One request a connection (or one socket), marked as having come by https."""
    with suppress(OSError), context.wrap_socket(plain, server_side=True) as outer:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := outer.recv(65536)):
                return
            head += more
        first, _, rest = head.partition(b"\r\n")
        marks = b"X-Forwarded-Proto: https\r\n"
        if b"upgrade: websocket" not in head.lower():
            rest = b"\r\n".join(
                line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")
            )
            marks += b"Connection: close\r\n"
        with socket.create_connection(("127.0.0.1", to)) as inner:
            inner.sendall(first + b"\r\n" + marks + rest)
            back = threading.Thread(target=_pour, args=(inner, outer), daemon=True)
            back.start()
            _pour(outer, inner)
            back.join()


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
