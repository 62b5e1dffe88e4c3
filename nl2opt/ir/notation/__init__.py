"""What people write -> what the language says: near-miss spellings, each taken with a note or refused with the fix."""

from nl2opt.ir.notation.names import Names, Note
from nl2opt.ir.notation.normalise import kind_of, normalise

__all__ = ["Names", "Note", "kind_of", "normalise"]
