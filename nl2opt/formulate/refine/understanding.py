"""What a request did not say."""

from __future__ import annotations


class Misunderstood(Exception):
    """A sentence that became no edit: ``why`` in a line, what was ``found``, and a ``fix``."""

    def __init__(self, why: str, found: str = "", fix: str = "") -> None:
        super().__init__(why)
        self.why, self.found, self.fix = why, found, fix
