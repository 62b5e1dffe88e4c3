"""The language -> its reference for people: sections of Markdown, made from the tables the reader itself uses."""

from nl2opt.ir.reference.sections import Section, document, sections

__all__ = ["Section", "document", "sections"]
