"""Run folder -> report.md and one self-contained report.html: no script from elsewhere, nothing loaded."""

from nl2opt.bench.report.writing import write_report

__all__ = ["write_report"]
