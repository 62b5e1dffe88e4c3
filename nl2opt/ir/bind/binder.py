"""Model + data -> Instance: sets, parameters and variable domains resolved; everything that is wrong at once.

Data are a mapping name -> value: a set as a list of elements; an indexed set as a map or a list of lists; a parameter
as a number, nested lists or a numpy array in set order, a map by key (nested, or by tuples), or rows `[key.., value]`.
Declarations are resolved on demand: `len(p)` of data may size a set that indexes p.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from nl2opt.errors import DataError, Diagnostic, EvaluationError, LimitExceeded
from nl2opt.ir import limits
from nl2opt.ir.bind.elements import coordinate_kinds, fit_key, read_element, read_number
from nl2opt.ir.bind.places import placed
from nl2opt.ir.bind.tables import Records, TableReader
from nl2opt.ir.evaluate import Evaluator
from nl2opt.ir.evaluate.arithmetic import canonical
from nl2opt.ir.evaluate.outcomes import Env, Outcome, Undefined, shown, shown_key
from nl2opt.ir.instance import Bound, Domain, Instance, Key, ParameterValue, SetValue, VariableDomain, flat
from nl2opt.ir.model import Element, IndexedElements, Model, Nested, Over, Parameter, Set, Value, Variable, set_names
from nl2opt.ir.nodes import Expr, Label, Number
from nl2opt.ir.spelling import nearest
from nl2opt.ir.walk import bound_names, free_names


def bind(model: Model, data: Mapping[str, Any] | None = None) -> Instance:
    """Model + data -> Instance. Raises DataError (D1xx) with every problem, LimitExceeded beyond the limits.

    Data go before inline values, which are only defaults of the instance.
    """
    try:
        return _Binder(model, data or {}).instance()
    except RecursionError:
        raise DataError(
            Diagnostic("D113", "declarations built on each other too deeply", "parameters and sets")
        ) from None


class _Unresolved(Exception):
    """A declaration cannot be resolved; why has been reported."""


class _OnDemand(dict[str, Any]):
    """name -> value, made when first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, name: str) -> Any:
        value = self[name] = self.make(name)
        return value


class _SizeEvaluator(Evaluator):
    """The evaluator while binding: `len(p)` reads the shape of the data of p, before the sets of p exist."""

    def __init__(self, instance: Instance, shape: Callable[[str, tuple[int, ...]], int | None]) -> None:
        super().__init__(instance)
        self.shape = shape
        self.step_limit = limits.SET_STEPS

    def length(self, name: str, index: tuple[Expr, ...], env: Env) -> int | None:
        if isinstance(self.symbols.get(name), Parameter):
            size = self.shape(name, tuple(self.whole(i, env) for i in index))
            if size is not None:
                return size
        return super().length(name, index, env)


class _Binder:
    """One model and its data on their way to an instance."""

    def __init__(self, model: Model, data: Mapping[str, Any]) -> None:
        self.model = model
        self.data = data
        self.found: list[Diagnostic] = []
        self.underway: list[str] = []
        self.failed: set[str] = set()
        self.partial = Instance(
            model,
            _OnDemand(lambda name: self.resolve(name, self.make_set)),
            _OnDemand(lambda name: self.resolve(name, self.make_indexed_set)),
            _OnDemand(lambda name: self.resolve(name, self.make_parameter)),
            {},
        )
        self.evaluator = _SizeEvaluator(self.partial, self.data_length)

    def report(self, code: str, message: str, where: str, found: str = "", expected: str = "", fix: str = "") -> None:
        self.found.append(Diagnostic(code, message, where, found, expected, fix))

    def instance(self) -> Instance:
        """-> the instance, or DataError with all that was found."""
        self.check_names()
        variables = _OnDemand(lambda name: self.resolve(name, self.make_variable))
        tables: list[tuple[Mapping[str, Any], str]] = []
        tables += [(self.partial.indexed_sets if s.over else self.partial.sets, s.name) for s in self.model.sets]
        tables += [(self.partial.parameters, p.name) for p in self.model.parameters]
        tables += [(variables, v.name) for v in self.model.variables]
        for table, name in tables:
            with suppress(_Unresolved):
                table[name]
        if self.found:
            raise DataError(placed(self.found, self.data))
        plain = {s.name: self.partial.sets[s.name] for s in self.model.sets if not s.over}
        indexed = {s.name: self.partial.indexed_sets[s.name] for s in self.model.sets if s.over}
        parameters = {p.name: self.partial.parameters[p.name] for p in self.model.parameters}
        return Instance(self.model, plain, indexed, parameters, dict(variables))

    def resolve(self, name: str, make: Callable[[Any], Any]) -> Any:
        """Make the value of a declaration once; name the circle where it needs itself."""
        if name in self.failed:
            raise _Unresolved
        if name in self.underway:
            circle = [*self.underway[self.underway.index(name) :], name]
            self.report("D110", "declarations that need each other", f"`{name}`", " -> ".join(circle),
                        "data for one of them")  # fmt: skip
            self.failed.update(circle)
            raise _Unresolved
        item = self.model.symbols[name]
        self.underway.append(name)
        before = len(self.found)
        try:
            value = make(item)
        except (EvaluationError, Undefined, _Unresolved) as e:
            found = (e.diagnostic,) if isinstance(e, Undefined) else getattr(e, "diagnostics", ())
            self.found.extend(replace(d, where=", ".join(filter(None, (_where(item), d.where)))) for d in found)
            self.failed.add(name)
            raise _Unresolved from None
        except LimitExceeded as e:
            raise LimitExceeded(replace(d, where=d.where or _where(item)) for d in e.diagnostics) from None
        finally:
            self.underway.pop()
        if len(self.found) > before and value is None:
            self.failed.add(name)
            raise _Unresolved
        return value

    # names -----------------------------------------------------------------------------------------------------------

    def check_names(self) -> None:
        """Report what the data lack, all at once, and what they have that the model does not know."""
        asked = [s.name for s in self.model.sets if s.elements is None and s.name not in self.data]
        asked_parameters = [p for p in self.model.parameters if _is_asked(p) and p.name not in self.data]
        self.failed.update(asked, (p.name for p in asked_parameters))
        if asked or asked_parameters:
            names = ", ".join([*(f"{n} (a set)" for n in asked), *map(_asked, asked_parameters)])
            self.report("D101", "data are missing", "data", f"the instance asks for: {names}",
                        fix="give them as inline values, JSON, CSV or XLSX")  # fmt: skip
        known = [s.name for s in self.model.sets] + [p.name for p in self.model.parameters]
        for name in self.data:
            if name not in known:
                what = "a decision of the model, not data" if name in self.model.symbols else "unknown to the model"
                self.report("D102", f"`{name}` is {what}", "data", str(name), fix=nearest(str(name), known))

    def data_length(self, name: str, index: tuple[int, ...]) -> int | None:
        """The shape of the data of a parameter along one axis; None where only its sets tell."""
        item = self.model.symbols[name]
        assert isinstance(item, Parameter)
        if name in self.failed:
            raise _Unresolved
        raw = self.data.get(name)
        if isinstance(raw, np.ndarray):
            return int(raw.shape[len(index)]) if len(index) < raw.ndim else None
        if raw is None and isinstance(item.value, Nested):
            raw = item.value
        for i in index:
            raw = raw.items if isinstance(raw, Nested) else raw
            if isinstance(raw, Mapping):
                raw = raw.get(i, raw.get(str(i), next(iter(raw.values()), None)))
            elif isinstance(raw, list | tuple) and raw:
                raw = raw[i] if 0 <= i < len(raw) else raw[0]
            else:
                return None
        raw = raw.items if isinstance(raw, Nested) else raw
        return len(raw) if isinstance(raw, list | tuple | Mapping) else None

    # sets ------------------------------------------------------------------------------------------------------------

    def make_set(self, s: Set) -> SetValue | None:
        if s.name in self.data:
            elements = self.elements(self.data[s.name], _where(s))
        elif isinstance(s.elements, tuple):
            elements = s.elements
        elif s.elements is None or isinstance(s.elements, IndexedElements):
            self.report("D105", "a plain set with a list for each key", _where(s), fix="give it `over`")
            return None
        else:
            return SetValue(s.name, self.evaluator.set_of(s.elements, {}).elements)
        return None if elements is None else self.checked(s.name, elements, _where(s))

    def elements(self, raw: Any, where: str) -> tuple[Element, ...] | None:
        """Raw data of a set -> its elements."""
        if isinstance(raw, Records):
            raw = [r[0] if len(r) == 1 else list(r) for r in raw.rows]
        raw = raw.tolist() if isinstance(raw, np.ndarray) else raw
        if isinstance(raw, str | Mapping) or not isinstance(raw, Sequence | set | frozenset | SetValue):
            self.report("D105", "a set is a list of elements", where, f"{raw!r:.60}")
            return None
        read = [read_element(r) for r in raw]
        bad = [shown(r) for r, e in zip(raw, read, strict=True) if e is None]
        if bad:
            self.report("D111", "not an element", where, ", ".join(bad[:5]), "a label, an integer or a tuple of these")
            return None
        return tuple(e for e in read if e is not None)

    def checked(self, name: str, elements: tuple[Element, ...], where: str) -> SetValue | None:
        """Elements -> the set, where they are of one kind and arity and none comes twice."""
        if len(elements) > limits.SET_ELEMENTS:
            raise LimitExceeded(Diagnostic("D112", "a set beyond the limit", where, f"{len(elements)} elements",
                                           f"at most {limits.SET_ELEMENTS}"))  # fmt: skip
        value = SetValue(name, elements)
        if len(value.position) < len(elements):
            twice = sorted({shown(e) for i, e in enumerate(elements) if value.position[e] != i})
            self.report("D106", "an element given twice", where, ", ".join(twice[:5]), fix="keep one")
            return None
        kinds = {tuple(type(c) for c in flat(e)) for e in elements}
        if len(kinds) > 1:
            examples = {tuple(type(c) for c in flat(e)): shown(e) for e in elements}
            self.report("D111", "a set of mixed elements", where, ", ".join(examples.values()),
                        "labels only, integers only, or tuples of one length")  # fmt: skip
            return None
        return value

    def make_indexed_set(self, s: Set) -> dict[Key, SetValue] | None:
        domain = self.domain(s.over)
        where = _where(s)
        if s.name not in self.data and not isinstance(s.elements, IndexedElements | tuple | None):
            return {
                key: SetValue("", self.evaluator.set_of(s.elements, env).elements)
                for env, key in self.evaluator.keyed_bindings(s.over, {})
            }
        before = len(self.found)
        lists = self.element_lists(s, domain, where)
        out = {k: self.checked("", lists[k], f"{where}{shown_key(k)}") for k in domain.keys if k in lists}
        if missing := [shown_key(k) for k in domain.keys if k not in lists]:
            self.report("D103", "keys without a list", where, ", ".join(missing[:5]), f"{len(domain)} lists")
        return {k: v for k, v in out.items() if v is not None} if len(self.found) == before else None

    def element_lists(self, s: Set, domain: Domain, where: str) -> dict[Key, tuple[Element, ...]]:
        """The lists of an indexed set by key; unknown keys and wrong lengths are reported."""
        pairs: list[tuple[Any, Any]] = []
        raw = self.data.get(s.name)
        if isinstance(raw, Records):
            grouped: dict[tuple[Any, ...], list[Any]] = {}
            for row in raw.rows:
                rest = row[domain.arity :]
                grouped.setdefault(tuple(row[: domain.arity]), []).append(rest[0] if len(rest) == 1 else list(rest))
            pairs = list(grouped.items())
        elif isinstance(raw, Mapping):
            pairs = list(raw.items())
        elif raw is not None or (isinstance(s.elements, IndexedElements) and s.elements.keys is None):
            lists = raw if raw is not None else s.elements.lists  # type: ignore[union-attr]
            if not isinstance(lists, list | tuple) or len(lists) != len(domain):
                found = f"{len(lists)} lists" if isinstance(lists, list | tuple) else f"{lists!r:.40}"
                self.report("D105", "one list for each key", where, found, f"{len(domain)} lists")
                return {}
            pairs = list(zip(domain.keys, lists, strict=True))
        elif isinstance(s.elements, IndexedElements) and s.elements.keys is not None:
            pairs = list(zip(s.elements.keys, s.elements.lists, strict=True))
        wanted = coordinate_kinds(domain.axes)
        out: dict[Key, tuple[Element, ...]] = {}
        for raw_key, raw_list in pairs:
            key = fit_key(raw_key if isinstance(raw_key, tuple) else (raw_key,), wanted)
            if key is None or key not in domain.position:
                known = (str(k[0]) for k in domain.keys)
                fix = nearest(str(raw_key), known)
                self.report("D104", "not a key of the indexed set", where, shown(raw_key), fix=fix)
            elif key in out:
                self.report("D106", "a key given twice", where, shown_key(key), fix="keep one")
            else:
                out[key] = self.elements(raw_list, f"{where}{shown_key(key)}") or ()
        return out

    def domain(self, over: Over) -> Domain:
        """Index bindings -> their keys, in order."""
        dependent, names = False, set[str]()
        for g in over:
            dependent = dependent or bool(free_names(g.source) & names)
            names |= set(g.targets)
        filtered = None
        if dependent or any(g.conditions for g in over):
            filtered = tuple(key for _, key in self.evaluator.keyed_bindings(over, {}))
        axes = tuple(self.axis(over, n, filtered if dependent else None) for n in range(len(over)))
        domain = Domain(axes, filtered)
        if len(domain) > limits.GROUNDED_TERMS:
            raise LimitExceeded(Diagnostic("D112", "too many keys", found=f"{len(domain)}",
                                           expected=f"at most {limits.GROUNDED_TERMS}"))  # fmt: skip
        return domain

    def axis(self, over: Over, n: int, keys: tuple[Key, ...] | None) -> SetValue:
        """The set of one index; where it depends on an earlier index, every element that occurs."""
        if keys is None or not free_names(over[n].source) & bound_names(over[:n]):
            return self.evaluator.set_of(over[n].source, {})
        seen: dict[Element, None] = {}
        for env, _ in self.evaluator.keyed_bindings(over[:n], {}):
            seen.update(dict.fromkeys(self.evaluator.set_of(over[n].source, env)))
        return SetValue("", tuple(seen))

    # parameters ------------------------------------------------------------------------------------------------------

    def make_parameter(self, p: Parameter) -> ParameterValue | None:
        domain = self.domain(p.over)
        within = None if p.within is None else self.by_key(p.over, p.within, self.evaluator.set_of)
        default = None if p.default is None else self.by_key(p.over, p.default, self.evaluator.value)
        reader = TableReader(p.name, domain, p.type, p.symmetric, self.found, within, default)
        if p.name in self.data:
            return reader.read(self.data[p.name])
        if p.rows is not None:
            return reader.read({"rows": [[self.literal(x) for x in row] for row in p.rows]} if p.over else
                               self.literal(p.rows[0][-1]) if p.rows else None)  # fmt: skip
        if isinstance(p.value, Nested):
            return reader.read(self.nested(p.value))
        if p.value is None:
            return reader.read({} if p.over else default(()) if default is not None else None)
        value = self.by_key(p.over, p.value, self.evaluator.value)
        return reader.read({k: value(k) for k in domain.keys} if p.over else value(()))

    def literal(self, e: Expr | Nested) -> Any:
        match e:
            case Number(value):
                return canonical(value)
            case Label(value):
                return value
            case Nested():
                return self.nested(e)
            case _:
                return self.evaluator.value(e, {})

    def nested(self, value: Value) -> Any:
        return [self.nested(i) for i in value.items] if isinstance(value, Nested) else self.literal(value)

    def by_key(self, over: Over, e: Expr, compute: Callable[[Expr, Env], Outcome]) -> Callable[[Key], Any]:
        """An expression over the indices of ``over`` -> its value by key; computed once if it mentions no index."""
        if not free_names(e) & bound_names(over):
            made: list[Any] = []

            def once(key: Key) -> Any:
                if not made:
                    made.append(compute(e, {}))
                return made[0]

            return once
        return lambda key: compute(e, self.evaluator.bind(over, key) or {})

    # variables -------------------------------------------------------------------------------------------------------

    def make_variable(self, v: Variable) -> VariableDomain | None:
        domain = self.domain(v.over)
        if v.within is not None:
            allowed = self.by_key(v.over, v.within, self.evaluator.set_of)
            return VariableDomain(v.name, domain, "integer", (), (), tuple(allowed(k) for k in domain.keys))
        kind = v.type or "real"
        lower = self.bounds(v, domain, v.lower, Fraction(0))
        upper = self.bounds(v, domain, v.upper, Fraction(1) if kind == "binary" else None)
        if kind == "binary" and v.lower is not None:
            lower = tuple(max(b or Fraction(0), Fraction(0)) for b in lower)
        if kind == "binary" and v.upper is not None:
            upper = tuple(min(Fraction(1) if b is None else b, Fraction(1)) for b in upper)
        return VariableDomain(v.name, domain, kind, lower, upper)

    def bounds(self, v: Variable, domain: Domain, e: Expr | None, otherwise: Bound) -> tuple[Bound, ...]:
        if e is None:
            return (otherwise,) * len(domain)
        if not free_names(e) & bound_names(v.over):
            return (self.bound(v, e, self.evaluator.number(e, {}), ()),) * len(domain)
        return tuple(
            self.bound(v, e, self.evaluator.number(e, env), key)
            for env, key in self.evaluator.keyed_bindings(v.over, {})
        )

    def bound(self, v: Variable, e: Expr, value: Any, key: Key) -> Bound:
        side = "lower" if e is v.lower else "upper"
        if value == (float("-inf") if side == "lower" else float("inf")):
            return None
        exact = read_number(value)
        if exact is None:
            self.report("D107", f"`{side}` is not a number", f"{_where(v)}{shown_key(key)}", shown(value))
        return exact


def _is_asked(p: Parameter) -> bool:
    """True where a parameter has no value of its own; a scalar with a default needs none."""
    return p.value is None and p.rows is None and (bool(p.over) or p.default is None)


def _asked(p: Parameter) -> str:
    sets = ", ".join(n or "..." for n in set_names(p.over))
    return f"{p.name}{f' over {sets}' * bool(sets)}{f' [{p.unit}]' * bool(p.unit)}"


def _where(item: object) -> str:
    section = {"Set": "set", "Parameter": "parameter", "Variable": "variable"}.get(type(item).__name__, "expression")
    return f"{section} `{getattr(item, 'name', '')}`"
