"""Two labelled graphs -> a bijection of their vertices that keeps colours and edges, or None.

Colour refinement on both graphs at once, then a search that tells apart one vertex of a class at a time. Equal graphs
with symmetries need little search: in a class of interchangeable vertices the first choice is right.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass
class Graph:
    """Vertices with colours, and labelled edges from a vertex to another."""

    colours: list[Hashable] = field(default_factory=list)
    edges: list[tuple[int, int, Hashable]] = field(default_factory=list)

    def vertex(self, *colour: Hashable) -> int:
        """A new vertex."""
        self.colours.append(colour)
        return len(self.colours) - 1

    def edge(self, source: int, target: int, label: Hashable = None) -> None:
        """A new edge."""
        self.edges.append((source, target, label))


class OutOfTime(Exception):
    """The search did not end within its time."""


def isomorphism(a: Graph, b: Graph, seconds: float = 2.0) -> dict[int, int] | None:
    """Vertices of ``a`` -> vertices of ``b``; None where there is no such bijection. Raises OutOfTime."""
    if len(a.colours) != len(b.colours) or len(a.edges) != len(b.edges):
        return None
    n = len(a.colours)
    labels: dict[Hashable, int] = {}
    links: list[list[tuple[int, int]]] = [[] for _ in range(2 * n)]
    for graph, shift in ((a, 0), (b, n)):
        for source, target, label in graph.edges:
            k = labels.setdefault(label, len(labels))
            links[source + shift].append((2 * k, target + shift))
            links[target + shift].append((2 * k + 1, source + shift))
    names: dict[Hashable, int] = {}
    colours = [names.setdefault(c, len(names)) for c in (*a.colours, *b.colours)]
    found = _search(colours, links, n, time.monotonic() + seconds)
    if found is None or not _keeps(a, b, found):
        return None
    return found


def _search(colours: list[int], links: list[list[tuple[int, int]]], n: int, end: float) -> dict[int, int] | None:
    """Refine; where classes of several vertices stay, pair the first of the smallest with each of its partners."""
    refined = _refined(colours, links, n)
    if refined is None:
        return None
    classes: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for v, c in enumerate(refined):
        classes[c][v >= n].append(v)
    open_classes = [pair for pair in classes.values() if len(pair[0]) > 1]
    if not open_classes:
        return {left[0]: right[0] - n for left, right in classes.values()}
    left, right = min(open_classes, key=lambda pair: len(pair[0]))
    fresh = max(refined) + 1
    for partner in right:
        if time.monotonic() > end:
            raise OutOfTime
        tried = list(refined)
        tried[left[0]] = tried[partner] = fresh
        found = _search(tried, links, n, end)
        if found is not None:
            return found
    return None


def _refined(colours: list[int], links: list[list[tuple[int, int]]], n: int) -> list[int] | None:
    """The coarsest stable colouring below the given one; None once the two graphs differ in a class."""
    count = len(set(colours))
    while True:
        names: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
        new = [
            names.setdefault((c, tuple(sorted((k, colours[w]) for k, w in links[v]))), len(names))
            for v, c in enumerate(colours)
        ]  # fmt: skip
        balance = [0] * len(names)
        for v, c in enumerate(new):
            balance[c] += 1 if v < n else -1
        if any(balance):
            return None
        if len(names) == count:
            return new
        colours, count = new, len(names)


def _keeps(a: Graph, b: Graph, mapping: dict[int, int]) -> bool:
    """The bijection carries every edge and colour of one graph to the other."""
    return all(a.colours[v] == b.colours[w] for v, w in mapping.items()) and sorted(
        ((mapping[s], mapping[t], repr(label)) for s, t, label in a.edges)
    ) == sorted((s, t, repr(label)) for s, t, label in b.edges)
