"""What Asterisk prints about registrations, read."""

from uuid import UUID

from atiende.calls.watched import registrations

ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))
#: As Asterisk 22.10.1 prints it, with three lines.
PRINTED = f"""
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

 trunk-{ONE}/sip:127.0.0.1:33019  trunk-{ONE}      Registered        (exp. 3589s)
 trunk-{TWO}/sip:sip.operador.example:5060;transport=tcp  trunk-{TWO}  Rejected   (exp. 19s)
 trunk-{THREE}/sip:[::1]:5060   trunk-{THREE}      Unregistered      (exp. 4s)
 somebody-else/sip:127.0.0.1:33019    somebody-else      Registered        (exp. 3589s)

Objects found: 4

"""


def test_each_line_is_told_by_its_own_state() -> None:
    assert registrations(PRINTED) == {ONE: "registered", TWO: "rejected", THREE: "registering"}


def test_where_there_is_nothing_to_read_nothing_is_told() -> None:
    assert registrations("") == {}
    assert registrations("No objects found.\n\n") == {}
