"""Document text <-> Model: the fields said once, reading with every error at once, printing."""

from nl2opt.ir.document.reader import read_document

__all__ = ["read_document"]
