"""Where tags win over grammar: a sentence that both read, each otherwise, is a doubt."""

from __future__ import annotations

from nl2opt.formulate.embedded.agreement import disagreements
from nl2opt.formulate.embedded.assembly import Twist, assemble
from nl2opt.formulate.embedded.direct import Called, Roster, read_directly
from nl2opt.formulate.text import segment
from tests.formulate.word_problems import KAYAKS, marked


def compared(turned: str = "") -> tuple[str, ...]:
    """The sentences of a marked text that grammar reads otherwise than its spans, one side `turned` round."""
    plain, spans = marked(KAYAKS)
    passage = segment(plain)
    tagged = assemble(passage, spans, Twist(turned=frozenset({plain.index(turned)}) if turned else frozenset()))
    names = tuple(d.name for d in tagged.decisions)
    called = [Called(a, b, k) for k, d in enumerate(tagged.decisions) for a, b in d.places]
    direct = read_directly(passage, [Roster(names, tuple(sorted(called, key=lambda c: c.start)))])
    assert direct is not None
    return disagreements(direct, tagged)


def test_the_same_limits_agree() -> None:
    """Eight kayaks at least, and twice as many kayaks as canoes, are read alike."""
    assert compared() == ()


def test_another_side_is_told() -> None:
    """At most eight kayaks is not what the sentence says, and the sentence is named."""
    assert compared(turned="8 kayaks") == ("S4",)
