"""Whose the next contact of the demo is: a virtual agent's, or the person's who tries it out."""

from dataclasses import dataclass, field


@dataclass
class Turns:
    """Who takes the next contact when a person is at a desk too: the virtual agents and the person
    in turn. Shared by the virtual agents."""

    virtual: frozenset[str] = frozenset()
    #: Work left to a person, with the virtual agents who let it pass; each does so once.
    left: dict[str, set[str]] = field(default_factory=dict)
    mine: bool = False

    def passes(self, work: str, who: str, somebody: bool) -> bool:
        """Does this virtual agent let the work pass?"""
        if work in self.left:
            first = who not in self.left[work]
            self.left[work].add(who)
            return first and somebody
        self.mine = not self.mine or not somebody
        if not self.mine:
            self.left = {work: {who}}
        return not self.mine
