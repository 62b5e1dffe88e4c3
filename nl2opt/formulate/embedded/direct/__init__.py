"""Passage -> Parse by grammar alone: texts that say their sums, multiples and differences in so many words."""

from nl2opt.formulate.embedded.direct.markup import plain, restored
from nl2opt.formulate.embedded.direct.parse import Direct, read_directly
from nl2opt.formulate.embedded.direct.roster import Called, Roster, rosters

__all__ = ["Called", "Direct", "Roster", "plain", "read_directly", "restored", "rosters"]
