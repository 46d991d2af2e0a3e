"""The certificate of the https edge: given, self-made, and read again when it changes.

Called by boot. Browsers give cookies, the microphone and notifications to secure origins only,
so whatever listens beyond this machine speaks https, unless a proxy in front of it does.
"""

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from atiende.core.problem import Problem
from atiende.engines.cluster import write_secret
from atiende.settings import Settings

SELF_MADE_DAYS = 397
LOOK_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """The context to serve with, or None where this process speaks plain http."""
    if not settings.serves_tls:
        return None
    certificate, key = certificate_files(settings)
    return _load(certificate, key)


def certificate_files(settings: Settings) -> tuple[Path, Path]:
    """The given pair, else the self-made one (made here the first time, or when it expires)."""
    if settings.tls_cert is not None and settings.tls_key is not None:
        return settings.tls_cert, settings.tls_key
    folder = settings.data_dir / "tls"
    certificate, key = folder / "self-made.crt", folder / "self-made.key"
    names = tuple(_names(settings.host))
    if not _still_good(certificate, key, names):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        make_certificate(certificate, key, names)
    return certificate, key


async def follow_certificate(
    context: ssl.SSLContext, settings: Settings, *, every_s: float = LOOK_EVERY_S
) -> None:
    """Put a renewed certificate into the living context; new connections get it at once."""
    certificate, key = certificate_files(settings)
    seen = _stamp(certificate, key)
    while True:
        await asyncio.sleep(every_s)
        now = _stamp(certificate, key)
        if now == seen:
            continue
        try:
            _load(certificate, key)
            context.load_cert_chain(certificate, key)
        except Problem as problem:
            log.warning("tls.not_reloaded", **problem.values)
            continue
        seen = now
        log.info("tls.reloaded", certificate=str(certificate))


def _load(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    try:
        # An encrypted key would ask for its password on the terminal: an empty answer refuses it.
        context.load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise Problem(500, "tls_unusable", path=str(certificate), reason=str(error)) from error
    return context


def _stamp(*paths: Path) -> tuple[tuple[int, int], ...]:
    found = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            return ()
        found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def _names(host: str) -> Iterator[str]:
    """What people may write to reach us: the name given, this machine's names and addresses."""
    yield host if host not in {"0.0.0.0", "::"} else socket.gethostname()  # noqa: S104
    yield "localhost"
    yield "127.0.0.1"
    yield socket.gethostname()
    try:
        for family, _, _, _, address in socket.getaddrinfo(socket.gethostname(), None):
            if family in {socket.AF_INET, socket.AF_INET6}:
                yield str(address[0]).partition("%")[0]
    except OSError:
        return


def _still_good(certificate: Path, key: Path, names: tuple[str, ...]) -> bool:
    if not (certificate.exists() and key.exists()):
        return False
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        return False
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=7)
    covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(entry.value) for entry in covered}
    return found.not_valid_after_utc > soon and names[0] in known


def make_certificate(certificate: Path, key: Path, names: tuple[str, ...]) -> None:
    """A self-signed pair for these names and addresses; the first is the common name."""
    secret = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    alternatives = [_general_name(name) for name in dict.fromkeys(names)]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=SELF_MADE_DAYS))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    pem = secret.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_secret(key, pem.decode().rstrip())
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
