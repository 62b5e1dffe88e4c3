"""JSON, CSV and XLSX files -> data by name for `bind`: each cell read rightly, or refused with its place."""

from nl2opt.ir.datafiles.reader import read_data

__all__ = ["read_data"]
