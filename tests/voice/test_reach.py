"""Who can be reached from another machine: the web, and SIP where it was opened. Nothing else."""

import asyncio
import ipaddress
import socket
from pathlib import Path

import psutil
import pytest

from atiende.engines.asterisk import Runtime
from tests.house.running import Product, in_folder
from tests.voice.test_line_product import said, started

pytestmark = pytest.mark.house
ANYWHERE = "0.0.0.0"
Ear = tuple[str, str, int]


def ears(product: Product) -> set[Ear]:
    """(udp or tcp, address, port) of all that waits for somebody, of every process of ours."""
    found: set[Ear] = set()
    for process in {psutil.Process(product.pid), *in_folder(product.data)}:
        for each in process.net_connections("inet"):
            is_udp = each.type == socket.SOCK_DGRAM
            waits = not each.raddr if is_udp else each.status == psutil.CONN_LISTEN
            if each.laddr and waits:
                found.add(("udp" if is_udp else "tcp", each.laddr.ip, each.laddr.port))
    return found


def outside(found: set[Ear], sip: int) -> set[Ear]:
    """Without the two sockets, one a family, with which Asterisk's SIP stack asks the nameserver:
    they take its answers alone, by number."""
    wide = {each for each in found if not ipaddress.ip_address(each[1]).is_loopback}
    names = {each for each in wide if each[0] == "udp" and each[2] != sip}
    assert len(names) == len({address for _, address, _ in names})
    return wide - names


async def test_only_the_web_and_sip_are_heard_from_outside(
    place: Path, asterisk_runtime: Runtime
) -> None:
    more = {"ATIENDE_HOST": ANYWHERE, "ATIENDE_SIP_HOST": ANYWHERE}
    async with started(place, **more) as product:
        sip = int(said(product, r"SIP en 0\.0\.0\.0:(\d+)"))
        found = await asyncio.to_thread(ears, product)
        assert outside(found, sip) == {
            ("tcp", ANYWHERE, product.note.port),
            ("tcp", ANYWHERE, sip),
            ("udp", ANYWHERE, sip),
        }
        # ARI and the browsers' SIP are there, on loopback; the database has no address at all.
        inside = [each for each in found if each[1] == "127.0.0.1"]
        assert [kind for kind, *_ in inside] == ["tcp"]


async def test_unless_it_is_asked_for_nothing_is_heard_from_outside(
    place: Path, asterisk_runtime: Runtime
) -> None:
    async with started(place) as product:
        sip = int(said(product, r"SIP en 127\.0\.0\.1:(\d+)"))
        found = await asyncio.to_thread(ears, product)
        assert ("tcp", "127.0.0.1", sip) in found
        assert outside(found, sip) == set()
