"""The installation's key is away: whoever writes to the company does not notice."""

from datetime import UTC, datetime

import pytest

from atiende.accounts import account_secret, keep_secret, load_key
from atiende.channels.webchat.signed import Identity, sign_identity
from tests.product import Guest
from tests.web.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_visitor_signed_by_the_shop_is_let_in_unsigned_while_the_key_is_away(
    house: House,
) -> None:
    product, secret = house.product, "un secreto de la tienda"
    key_file = product.settings.key_file
    async with product.db.transaction() as conn:
        account = await conn.fetchval(
            "select id from channel_accounts where public_key = $1", house.key
        )
        name = account_secret(account)
        await keep_secret(conn, load_key(key_file), name, secret.encode(), datetime.now(UTC))
    claims = sign_identity(Identity("c-1", 4e9, "Luz Díaz", "luz@correo.example"), secret)
    away = key_file.rename(key_file.with_name("elsewhere"))
    try:
        guest = Guest(product, house.key)
        await guest.start(name="Luz", identity=claims)
        await guest.open()
        await guest.send({"t": "end"})
        await guest.close()
    finally:
        away.rename(key_file)
