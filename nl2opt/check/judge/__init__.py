"""A judge of models: are two models equivalent, in which scope, shown by which method; else what tells them apart."""

from nl2opt.check.judge.judge import judge
from nl2opt.check.judge.verdict import Verdict

__all__ = ["Verdict", "judge"]
