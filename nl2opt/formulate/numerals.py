"""Where translators find `number_value`; it lives in `ir.numerals`, so that `check` can use it."""

from nl2opt.ir.numerals import DIGITS, WORD, number_value, words_value

__all__ = ["DIGITS", "WORD", "number_value", "words_value"]
