"""What can be known of an expression without data: type, the sets its indices come from, degree."""

from nl2opt.ir.infer.inference import declared_type, enter, number, positions, set_item, type_of

__all__ = ["declared_type", "enter", "number", "positions", "set_item", "type_of"]
