"""Model and data -> Instance, every fault of the data at once."""

from nl2opt.ir.bind.binder import bind

__all__ = ["bind"]
