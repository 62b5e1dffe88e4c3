"""A request -> the reply of an engine in a process of its own: a crash ends that process, not the person's."""

from nl2opt.solvers.apart.asking import Reply, ask

__all__ = ["Reply", "ask"]
