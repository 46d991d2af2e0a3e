"""A person at a desk of the demo gets every second contact; alone, the virtual agents take all."""

from atiende.demo.turns import Turns


def test_alone_they_take_everything() -> None:
    turns = Turns()
    assert not any(turns.passes(f"w{n}", "juan", False) for n in range(4))


def test_the_next_one_is_the_persons_then_theirs() -> None:
    turns = Turns()
    turns.passes("w0", "juan", False)
    assert turns.passes("w1", "juan", True)
    assert turns.passes("w1", "rosa", True)
    assert not turns.passes("w2", "rosa", True)
    assert turns.passes("w3", "juan", True)


def test_what_the_person_did_not_take_comes_back_to_them() -> None:
    turns = Turns(mine=True)
    assert turns.passes("w1", "juan", True)
    assert not turns.passes("w1", "juan", True)
