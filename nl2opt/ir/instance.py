"""What an instance is: a model, its sets and parameters bound to values, its variables with their domains.

`bind` makes one; every route, the referee and the explanations read it. All values are flat: the key of `move[d, m]`
and of `move[a]` for an arc `a` is the same tuple of coordinates, the key of a scalar is ().
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, product

import numpy as np
import numpy.typing as npt

from nl2opt.ir.model import Element, Model, NumberType

Atom = str | int
Key = tuple[Atom, ...]
Floats = npt.NDArray[np.float64]


def flat(element: Element) -> Key:
    """A set element -> its coordinates."""
    return element if isinstance(element, tuple) else (element,)


@dataclass(frozen=True)
class SetValue:
    """An ordered set without duplicates; `name` is '' for a set that is only an expression."""

    name: str
    elements: tuple[Element, ...]

    def __len__(self) -> int:
        return len(self.elements)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements)

    def __contains__(self, element: object) -> bool:
        return element in self.position

    @cached_property
    def position(self) -> dict[Element, int]:
        """Element -> its place, from 0."""
        return {e: i for i, e in enumerate(self.elements)}

    @cached_property
    def arity(self) -> int:
        """Coordinates of an element: 1 for labels and integers (and for the empty set)."""
        return len(flat(self.elements[0])) if self.elements else 1

    @cached_property
    def is_integer(self) -> bool:
        """True where every element is an integer (and for the empty set)."""
        return all(isinstance(e, int) for e in self.elements)

    @cached_property
    def integers(self) -> npt.NDArray[np.int64] | None:
        """The elements as an array, one row an element, one column a coordinate; None unless all are integers."""
        if not self.elements or not all(isinstance(c, int) for c in flat(self.elements[0])):
            return None
        if not isinstance(self.elements[0], tuple):
            return np.fromiter(self.elements, np.int64, len(self.elements)).reshape(-1, 1)
        every = chain.from_iterable(self.elements)  # type: ignore[arg-type]
        return np.fromiter(every, np.int64, self.arity * len(self.elements)).reshape(-1, self.arity)


@dataclass(frozen=True)
class Domain:
    """The keys of an indexed declaration, in order: the product of its axes, or the given keys where filtered."""

    axes: tuple[SetValue, ...]
    filtered: tuple[Key, ...] | None = None

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis; () for a scalar. The flat arrays of a dense domain are row-major in this shape."""
        return tuple(len(a) for a in self.axes)

    @property
    def dense(self) -> bool:
        """True where every combination of the axes is a key."""
        return self.filtered is None

    @cached_property
    def arity(self) -> int:
        """Coordinates of a key."""
        return sum(a.arity for a in self.axes)

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """Every key, in order."""
        if self.filtered is not None:
            return self.filtered
        if all(a.arity == 1 for a in self.axes):
            return tuple(product(*(a.elements for a in self.axes)))  # type: ignore[arg-type]
        return tuple(sum((flat(e) for e in combo), ()) for combo in product(*(a.elements for a in self.axes)))

    @cached_property
    def position(self) -> dict[Key, int]:
        """Key -> its place in `keys`."""
        return {k: i for i, k in enumerate(self.keys)}

    def __len__(self) -> int:
        if self.filtered is not None:
            return len(self.filtered)
        return int(np.prod(self.shape, dtype=np.int64)) if self.axes else 1


class ParameterValue:
    """The values of one parameter in the order of its domain.

    Numbers are held as exact fractions, as a float array, or both, each made from the other when first asked for; a
    parameter `in` a set holds elements instead and has no array.
    """

    __slots__ = ("_array", "_exact", "domain", "elements")

    def __init__(
        self,
        domain: Domain,
        exact: tuple[Fraction, ...] | None = None,
        array: Floats | None = None,
        elements: tuple[Element, ...] | None = None,
    ) -> None:
        self.domain = domain
        self._exact = exact
        self._array = array
        self.elements = elements

    @property
    def exact(self) -> tuple[Fraction, ...]:
        """Every value as a fraction; a float counts as its shortest decimal. Raises on infinities."""
        if self._exact is None:
            assert self._array is not None, "a parameter `in` a set has elements, not numbers"
            self._exact = tuple(Fraction(repr(float(v))) for v in self._array.ravel())
        return self._exact

    @property
    def array(self) -> Floats:
        """Every value as float64, flat, in the order of the domain."""
        if self._array is None:
            self._array = np.array([float(v) for v in self.exact], dtype=np.float64)
        return self._array

    def at(self, key: Key) -> Fraction | Element:
        """Key -> exact value or element. KeyError outside the domain."""
        i = self.domain.position[key]
        if self.elements is not None:
            return self.elements[i]
        if self._exact is None and self._array is not None:  # one value of a large array: no fraction of the others
            return Fraction(repr(float(self._array.ravel()[i])))
        return self.exact[i]


Bound = Fraction | None
"""A declared bound; None is infinite."""


@dataclass(frozen=True)
class VariableDomain:
    """Where one variable family lives: its keys, its type, and the bounds or sets of each key.

    ``lower`` and ``upper`` hold one bound a key (None = infinite) for numeric variables. ``within`` holds one set a key
    (the same object where they agree) for variables `in` a set; their bounds are then () and the value is an element.
    """

    name: str
    domain: Domain
    type: NumberType
    lower: tuple[Bound, ...]
    upper: tuple[Bound, ...]
    within: tuple[SetValue, ...] | None = None


@dataclass(frozen=True)
class Instance:
    """A model plus data. Every set, parameter and variable domain is known; nothing is missing."""

    model: Model
    sets: Mapping[str, SetValue]
    indexed_sets: Mapping[str, Mapping[Key, SetValue]]
    parameters: Mapping[str, ParameterValue]
    variables: Mapping[str, VariableDomain]


def keys_of(name: str, instance: Instance) -> tuple[Key, ...]:
    """An indexed variable or parameter -> its keys; none for anything else."""
    family = instance.variables.get(name) or instance.parameters.get(name)
    return family.domain.keys if family is not None else ()


Value = Fraction | float | int | Element
Point = Mapping[str, Mapping[Key, Value]]
"""variable -> key -> value: a number, or the element a variable `in` a set takes."""
