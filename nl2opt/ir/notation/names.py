"""What a rule may know of the place it works at: the names declared, the indices bound, what is expected there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Position = Literal["condition", "value", "set", "over", "inner"]
"""`condition`: a constraint's expression; `inner`: between brackets, where `=` can only compare."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was written and what it was taken as; ``rule`` is the kind of slip."""

    rule: str
    written: str
    taken: str


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared name: what it is; of an array the index bindings as text (None where they are not plain).

    ``arity``: of a set the coordinates of an element, 0 where data decide; ``labels``: those listed in the document.
    """

    section: str
    positions: tuple[tuple[str, str], ...] | None = ()
    arity: int = 0
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Names:
    """The declarations around an expression; ``bound`` are the indices of its item, with the text of their sets."""

    declared: Mapping[str, Declared] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)

    def binding(self, bound: Mapping[str, str]) -> Names:
        """The same declarations inside an item that binds these indices."""
        return replace(self, bound={**self.bound, **bound})


class Refused(Exception):
    """What was written could mean two things, or nothing; carries the parts of a diagnostic."""

    def __init__(self, code: str, found: str, expected: str, fix: str = "") -> None:
        super().__init__(found)
        self.code, self.found, self.expected, self.fix = code, found, expected, fix


@dataclass(frozen=True, slots=True)
class Place:
    """Where a rule looks: one level of brackets. ``names`` is None where declarations are not known.

    ``bound``: indices bound around this level; ``function``: whose argument list it is, or whose only argument in
    brackets of its own; ``opened`` by which bracket ('' at the top); ``note`` takes what was changed.
    """

    names: Names | None
    position: Position
    note: Callable[[str, str, str], None]
    bound: frozenset[str] = frozenset()
    function: str = ""
    opened: str = ""

    def declared(self, name: str) -> Declared | None:
        """The declaration of a name; None where there is none or nothing is known."""
        return self.names.declared.get(name) if self.names else None

    def knows(self, name: str) -> bool:
        """Whether a name is declared or bound here."""
        return name in self.bound or (self.names is not None and name in (*self.names.declared, *self.names.bound))

    def free(self, name: str) -> bool:
        """Whether it is certain that a name is neither declared nor bound here."""
        return self.names is not None and not self.knows(name)
