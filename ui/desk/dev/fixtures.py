"""A small invented desk, for looking at the screens without a server. Development only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime.now(UTC)
ME = "00000000-0000-7000-8000-000000000001"
Json = dict[str, Any]


def at(minutes: float) -> str:
    """So many minutes ago, as the server writes times."""
    return (
        (NOW - timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def uid(n: int) -> str:
    return f"00000000-0000-7000-8000-{n:012d}"


def me(theme: str) -> Json:
    return {
        "user": {"id": ME, "name": "Lucía Paredes", "email": "lucia@tienda.pe", "locale": "es-PE", "theme": theme,
                 "preferences": {"sound": False}, "team_id": uid(900)},
        "roles": ["agent"], "permissions": ["desk.use", "cases.read", "cases.write", "customers.read", "customers.write"],
        "is_agent": True, "setup": {"done": True, "step": ""},
        "organisation": {"name": "Tiendas Sol", "country": "PE", "locale": "es-PE", "tz": "America/Lima"},
    }  # fmt: skip


PUBLIC: Json = {
    "name": "Tiendas Sol",
    "locale": "es",
    "version": "0.1",
    "setup_needed": False,
    "demo": False,
    "demo_logins": [],
}

_TREE = [("Consulta", ["Estado del pedido", "Stock y precios", "Garantía"]), ("Reclamo", ["Entrega fallida", "Producto dañado"]),
         ("Solicitud", ["Reprogramado", "Cambio de dirección"]), ("Cobranza", ["Promesa de pago"])]  # fmt: skip


def reference() -> Json:
    nodes: list[Json] = []
    for i, (name, leaves) in enumerate(_TREE):
        nodes.append(
            {
                "id": uid(500 + i * 10),
                "parent_id": None,
                "name": name,
                "flags": [],
                "requires": "none",
            }
        )
        for j, leaf in enumerate(leaves):
            need = (
                "agreement"
                if leaf == "Promesa de pago"
                else "note"
                if name == "Reclamo"
                else "none"
            )
            nodes.append(
                {
                    "id": uid(501 + i * 10 + j),
                    "parent_id": uid(500 + i * 10),
                    "name": leaf,
                    "flags": [],
                    "requires": need,
                }
            )
    return {
        "queues": [{"id": uid(700 + i), "name": n, "campaign_id": uid(800), "waiting": 3 - i} for i, n in enumerate(["Postventa", "Ventas", "Garantías", "Cobranzas"])],
        "agents": [{"id": uid(2 + i), "name": n, "presence": p, "team_id": uid(900)} for i, (n, p) in enumerate(
            [("Diego Salas", "available"), ("Rosario Meza", "paused"), ("Iván Torres", "available"), ("Carla Ponce", "offline")])],
        "teams": [{"id": uid(900), "name": "Atención"}],
        "pause_reasons": [{"code": c, "name": n, "productive": False} for c, n in [("break", "Descanso"), ("lunch", "Almuerzo"), ("training", "Capacitación")]],
        "disposition_sets": [{"id": uid(600), "name": "Atención", "nodes": nodes}],
        "quick_replies": [
            {"id": uid(650), "shortcut": "saludo", "title": "Saludo", "body": "Hola {nombre}, le saluda {agente}. ¿En qué le puedo ayudar?"},
            {"id": uid(651), "shortcut": "horarios", "title": "Horarios de entrega", "body": "Entregamos de lunes a sábado, de 9 a 18 h. Su gestión es la {gestion}."},
            {"id": uid(652), "shortcut": "despedida", "title": "Despedida", "body": "Gracias por escribirnos, {nombre}. Que tenga un buen día."}],
        "voice": True, "skills": [], "campaigns": [{"id": uid(800), "name": "Atención"}],
    }  # fmt: skip


def case(
    n: int,
    name: str,
    topic: str,
    last: tuple[str, str, float],
    *,
    unread: int = 0,
    state: str = "active",
    tier: str = "customer",
    wrap: float | None = None,
) -> Json:
    body, direction, ago = last
    conversation = {
        "id": uid(3000 + n),
        "version": 9,
        "account_id": uid(1),
        "channel": "webchat",
        "state": "open",
        "live": state != "wrapping",
        "last_in_at": at(ago),
        "last_out_at": at(ago + 1),
        "read_by_customer": 6,
        "visitor": {"page": "https://tiendassol.pe/refrigeradoras"},
        "unread": unread,
    }
    return {
        "id": uid(2000 + n), "number": 48200 + n, "topic": topic, "state": "open",
        "campaign": {"id": uid(800), "name": "Atención", "disposition_set_id": uid(600), "disposition_required": True},
        "queue": {"id": uid(700), "name": "Postventa"}, "customer": {"id": uid(4000 + n), "name": name, "kind": "person", "tier": tier},
        "owner": {"id": ME, "name": "Lucía Paredes"}, "opened_at": at(ago + 14), "resolved_at": None, "closed_at": None, "reopened_count": 0,
        "disposition": None, "interactions": [], "work": [], "conversations": [conversation],
        "assignments": [{"id": uid(5000 + n), "work_id": uid(6000 + n), "agent_id": ME, "agent_name": "Lucía Paredes", "state": state,
                         "started_at": at(ago + 10), "waiting_since": None, "wrap_started_at": at(1) if state == "wrapping" else None,
                         "wrap_until": at(-wrap) if wrap else None}],
        "last": {"body": body, "kind": "text", "direction": direction, "author_kind": "customer", "at": at(ago)},
    }  # fmt: skip


CASES = [
    case(
        13,
        "María Fernanda Quispe",
        "Reprogramar entrega",
        ("¿Me lo mandas también por correo con copia a mi esposo?", "in", 0.6),
        unread=2,
        tier="vip",
    ),
    case(
        14,
        "José Huamán Ríos",
        "Reembolso",
        ("¿Y cuánto demora el reembolso en la tarjeta?", "in", 1.6),
        unread=1,
    ),
    case(15, "Carla Díaz Paredes", "Consulta de garantía", ("Gracias, quedo atenta", "in", 4.2)),
    case(
        16, "Pedro Salas Luna", "Firma de contrato", ("Te envié el enlace para la firma", "out", 35)
    ),
    case(
        17,
        "Luis Rojas Medina",
        "Cambio de dirección",
        ("Listo, muchas gracias", "in", 9),
        state="wrapping",
        wrap=0.87,
    ),
]


CALL_CASE: Json = {
    **CASES[0],
    "interactions": [{"id": uid(7000), "channel": "voice", "state": "active", "outcome": None, "conversation_id": None, "account_id": uid(1), "queue_id": uid(700),
                      "started_at": at(4.9), "answered_at": at(4.2), "ended_at": None, "ended_by": None,
                      "call": {"state": "connected", "since": at(4.2), "number": "+51 987 654 321", "agent_id": ME, "muted": False}}],
    "assignments": [{**CASES[0]["assignments"][0], "started_at": at(4.2)}],
}  # fmt: skip


def message(n: int, direction: str, body: str, ago: float, **over: Any) -> Json:
    return {
        "id": f"00000000-0000-7000-9000-{n:012d}", "case_id": uid(2013), "conversation_id": None if direction == "note" else uid(3013), "interaction_id": None,
        "rev": n, "case_rev": n, "direction": direction, "kind": "text", "author_kind": {"in": "customer", "system": "system"}.get(direction, "agent"),
        "author_id": ME if direction in ("out", "note") else None, "author_name": "Lucía Paredes" if direction in ("out", "note") else None,
        "body": body, "data": None, "client_id": None, "state": "received" if direction == "in" else "sent", "error": None, "at": at(ago), "deleted": False,
        "channel": "webchat", "attachments": [], **over,
    }  # fmt: skip


MESSAGES = [
    message(1, "in", "Buen día. El técnico no llegó el viernes y yo no puedo faltar otra vez al trabajo.", 1450),
    message(2, "out", "Lo lamento, María. Reviso su pedido y le propongo horarios.", 1448, state="read"),
    message(3, "note", "La visita del viernes falló por una dirección mal escrita en la guía. Corresponde envío sin costo.", 14),
    message(4, "out", "Estos son los horarios libres para su zona: https://tiendassol.pe/horarios\n¿Cuál le acomoda?", 12, state="read",
            attachments=[{"id": uid(1), "name": "Horarios disponibles.pdf", "media_type": "application/pdf", "size": 84211}]),
    message(5, "in", "Sábado 28, de 9 a 11 a. m.", 3),
    message(6, "out", "Perfecto, queda para el sábado 28 de 9 a 11 a. m.", 2, state="delivered"),
    message(7, "out", "¿Le ayudo en algo más?", 1.4, rev=9, state="sent"),
    message(8, "in", "¿Me lo mandas también por correo con copia a mi esposo?", 0.6, rev=10),
]  # fmt: skip

OFFER: Json = {
    "id": uid(90), "work_id": uid(91), "case_id": uid(2099), "case_number": 48299, "media": "messages", "channel": "webchat", "queue": "Postventa",
    "queue_id": uid(700), "customer": "Rosa Elena Vega", "tier": "customer", "topic": "", "waiting_since": at(0.8), "offered_at": at(0.13), "expires_at": at(-0.2),
    "reject_needs_reason": False, "why": {}, "preview": "Hola, quiero saber si mi pedido ya salió del almacén.",
}  # fmt: skip

CALL_OFFER: Json = {
    **OFFER, "media": "voice", "channel": "voice", "customer": "+51 987 654 321", "preview": None, "topic": "",
}  # fmt: skip


def agent(offer: Json | None, presence: str = "available", active: int = 3) -> Json:
    return {
        "id": ME, "name": "Lucía Paredes", "team_id": uid(900), "presence": presence, "pause_code": None, "pending": None, "pending_code": None, "since": at(62),
        "slots": {"voice": 1, "messages": 4, "mail": 5}, "used": {"messages": active}, "active": active, "wrapping": 1 if active else 0, "lost": 0,
        "wrap_since": None, "busy_since": at(4.2) if active else None, "offer": offer,
    }  # fmt: skip


CUSTOMER: Json = {
    "version": 4,
    "state": {"id": uid(4013), "kind": "person", "name": "María Fernanda Quispe", "document": "45120812", "tier": "vip", "language": "es", "tz": None,
              "address": "Av. Arequipa 1420, Lince, Lima", "notes": "Prefiere que le escriban por la tarde.", "fields": {}, "since": "2019-03-01T10:00:00.000Z",
              "identities": [{"id": uid(1), "kind": "phone", "value": "+51987654321", "label": None, "verified": True, "primary": True},
                             {"id": uid(2), "kind": "email", "value": "maria.quispe@correo.pe", "label": None, "verified": False, "primary": False}]},
    "cases": [{"id": uid(2900 + i), "number": 47000 - i * 320, "topic": topic, "state": "closed", "opened_at": at(60 * 24 * days), "resolved_at": None,
               "channels": ["webchat"], "disposition": path}
              for i, (topic, days, path) in enumerate([("Confirmación de compra", 12, "Consulta › Estado del pedido"), ("Consulta de stock", 13, "Consulta › Stock y precios"),
                                                       ("Reclamo por garantía", 113, "Reclamo › Producto dañado"), ("Boleta de venta", 300, "Solicitud › Comprobante")])],
}  # fmt: skip
