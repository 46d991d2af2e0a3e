"""From another machine: https that its browser trusts without being told to look away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from tests.e2e.at_desk import Insider
from tests.e2e.at_start import ADMINISTRATOR, Founder
from tests.e2e.secure import Authority, Machine, machine, tls_proxy
from tests.e2e.stage import Browsers, browsers, house

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def over_there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine(Path(tmp_path_factory.mktemp("machine"))) as other:
        yield other


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def served_as(page_browser: Browsers, url: str) -> str:
    """Who the certificate says the server is, as that browser's own engine tells a page."""
    page = page_browser.context().new_page()
    answer = page.goto(url)
    assert answer is not None
    details = answer.security_details()
    assert details is not None
    return details["subjectName"] or ""


def test_another_machine_logs_in_over_a_certificate_it_trusts(
    over_there: Machine, authority: Authority
) -> None:
    certificate, key = authority.sign(over_there.here, "primero")
    options = ("--host", over_there.here, "--tls-cert", str(certificate), "--tls-key", str(key))
    env = {"HOME": str(authority.home(trusting=True))}
    with (
        house(*options) as opened,
        browsers(executable_path=str(over_there.browser), env=env) as there,
    ):
        assert opened.url.startswith(f"https://{over_there.here}:")
        founder = Founder(there.seat())
        founder.create_administrator(opened.link())
        assert founder.page.evaluate("() => isSecureContext") is True
        again = Insider(there.seat())
        again.page.goto(opened.url)
        again.page.get_by_label("Correo").fill(ADMINISTRATOR[1])
        again.page.get_by_label("Contraseña", exact=False).first.fill("una frase larga y buena")
        again.page.get_by_role("button", name="Ingresar").click()
        expect(again.page.get_by_text("Paso 2 de 5")).to_be_visible()
        cookies = again.page.context.cookies()
        assert [(c["name"], c["secure"], c["httpOnly"]) for c in cookies] == [
            ("__Host-atiende", True, True)
        ]
        # A renewed certificate is served to new connections, without a restart.
        assert served_as(there, opened.url) == "primero"
        before = opened.product.pid
        authority.sign(over_there.here, "segundo")
        expect(again.page.get_by_text("Paso 2 de 5")).to_be_visible()
        renewed(there, opened.url, "segundo")
        assert opened.product.pid == before


def renewed(there: Browsers, url: str, called: str) -> None:
    page = there.context().new_page()
    for _ in range(60):
        if served_as(there, url) == called:
            return
        page.wait_for_function("() => new Promise(r => setTimeout(() => r(true), 100))")
    raise AssertionError(f"{called} never served")


def test_a_browser_that_does_not_know_the_authority_refuses(
    over_there: Machine, authority: Authority
) -> None:
    """The control: it is the authority in the store that opens the door, not some setting."""
    certificate, key = authority.sign(over_there.here, "primero")
    options = ("--host", over_there.here, "--tls-cert", str(certificate), "--tls-key", str(key))
    env = {"HOME": str(authority.home(trusting=False))}
    with (
        house(*options) as opened,
        browsers(executable_path=str(over_there.browser), env=env) as there,
        pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"),
    ):
        there.context().new_page().goto(opened.url)


@pytest.mark.parametrize(
    ("believed", "cookie"),
    [("127.0.0.0/8", ("__Host-atiende", True)), ("10.0.0.0/8", ("atiende", False))],
)
def test_a_proxys_word_on_https_counts_only_from_its_network(
    over_there: Machine, authority: Authority, believed: str, cookie: tuple[str, bool]
) -> None:
    """Believed, the login is kept for https only; from elsewhere it is a stranger's word."""
    pair = authority.sign(over_there.here, "proxy")
    env = {"HOME": str(authority.home(trusting=True))}
    with (
        house("--behind-proxy", believed) as opened,
        tls_proxy(over_there.here, pair, opened.product.note.port) as url,
        browsers(executable_path=str(over_there.browser), env=env) as there,
    ):
        founder = Founder(there.seat())
        founder.create_administrator(f"{url}/#/enlace/{opened.link().rsplit('/', 1)[1]}")
        assert founder.page.evaluate("() => isSecureContext") is True
        assert [(c["name"], c["secure"]) for c in founder.page.context.cookies()] == [cookie]
