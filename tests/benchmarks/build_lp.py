"""How long a model takes until HiGHS holds it, beside hand-written numpy and one passModel, in the same process.

    python tests/benchmarks/build_lp.py [problem ...] [--runs 9]

CPU time, median; `nl2opt` is model + bound instance -> rewrites, grounding, hand-over; `bind` (data -> instance) is
shown apart. Both sides must give the same matrix (columns, rows, nonzeros, sum of values, checksum).
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from nl2opt.ground.linear.grounding import ground
from nl2opt.ir.bind import bind
from nl2opt.ir.document import read_document
from nl2opt.passes import apply
from nl2opt.solvers.highs_session import Session
from nl2opt.solvers.result import SolveOptions

INF = np.inf
TRANSPORT = """nl2opt: 1
name: transport
sets: {S: null, D: null}
parameters: {cost: {over: "S, D"}, supply: {over: S}, demand: {over: D}}
variables: {ship: {over: "S, D", type: real}}
constraints:
  - {name: stock, for: i in S, expr: "sum(ship[i, j] for j in D) <= supply[i]"}
  - {name: wanted, for: j in D, expr: "sum(ship[i, j] for i in S) >= demand[j]"}
objectives: [{minimize: "sum(cost[i, j] * ship[i, j] for i in S for j in D)"}]
"""
FACILITY = """nl2opt: 1
name: facility
sets: {F: null, C: null}
parameters: {fixed: {over: F}, cost: {over: "F, C"}}
variables: {open: {over: F, type: binary}, serve: {over: "F, C", type: real}}
constraints:
  - {name: served, for: j in C, expr: "sum(serve[i, j] for i in F) == 1"}
  - {name: link, for: "i in F, j in C", expr: "serve[i, j] <= open[i]"}
objectives: [{minimize: "sum(fixed[i] * open[i] for i in F) + sum(cost[i, j] * serve[i, j] for i in F for j in C)"}]
"""
GAP = """nl2opt: 1
name: gap
sets: {A: null, J: null}
parameters: {load: {over: "A, J"}, cost: {over: "A, J"}, capacity: {over: A}}
variables: {x: {over: "A, J", type: binary}}
constraints:
  - {name: done, for: j in J, expr: "sum(x[a, j] for a in A) == 1"}
  - {name: room, for: a in A, expr: "sum(load[a, j] * x[a, j] for j in J) <= capacity[a]"}
objectives: [{minimize: "sum(cost[a, j] * x[a, j] for a in A for j in J)"}]
"""
LOTSIZE = """nl2opt: 1
name: lotsize
sets: {P: null, T: null, G: null}
parameters:
  demand: {over: "P, T"}
  initial: {over: P}
  big: {over: "P, T"}
  used: {over: P}
  setup: {over: P}
  capacity: {over: T}
  make_cost: {over: "P, T"}
  hold_cost: {over: P}
  fixed: {over: P}
  family: {over: P, in: G}
  most: {type: integer}
  window: {type: integer}
  rest: {}
variables:
  make: {over: "P, T", type: real}
  stock: {over: "P, T", type: real}
  on: {over: "P, T", type: binary}
constraints:
  - name: balance
    for: "p in P, t in T"
    expr: "(stock[p, t - 1] if t > 0 else initial[p]) + make[p, t] - stock[p, t] == demand[p, t]"
  - {name: link, for: "p in P, t in T", expr: "make[p, t] <= big[p, t] * on[p, t]"}
  - {name: time, for: t in T, expr: "sum(used[p] * make[p, t] + setup[p] * on[p, t] for p in P) <= capacity[t]"}
  - {name: window, for: "p in P, t in T", expr: "sum(on[p, k] for k in T if t - window < k and k <= t) <= rest"}
  - {name: families, for: "g in G, t in T", expr: "sum(on[p, t] for p in P if family[p] == g) <= most"}
objectives:
  - minimize: >-
      sum(make_cost[p, t] * make[p, t] + hold_cost[p] * stock[p, t] + fixed[p] * on[p, t] for p in P for t in T)
"""
NETWORK = """nl2opt: 1
name: network
sets: {N: null, Arcs: null}
parameters: {cost: {over: "(i, j) in Arcs"}, room: {over: "(i, j) in Arcs"}, supply: {over: N}}
variables: {flow: {over: "(i, j) in Arcs", type: real, upper: "room[i, j]"}}
constraints:
  - name: balance
    for: n in N
    expr: "sum(flow[i, j] for (i, j) in Arcs if i == n) - sum(flow[i, j] for (i, j) in Arcs if j == n) == supply[n]"
objectives: [{minimize: "sum(cost[i, j] * flow[i, j] for (i, j) in Arcs)"}]
"""


@dataclass
class Floor:
    """Hand-written arrays of one problem, as a competent user would write them."""

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    start: np.ndarray
    index: np.ndarray
    value: np.ndarray
    by_row: bool
    whole: np.ndarray | None = None

    def load(self) -> highspy.Highs:
        h = highspy.Highs()
        h.setOptionValue("output_flag", False)
        n = len(self.cost)
        whole = self.whole if self.whole is not None else np.zeros(n, np.int32)
        status = h.passModel(
            n, len(self.row_lower), len(self.index), 2 if self.by_row else 1, 1, 0.0, self.cost, self.lower, self.upper,
            self.row_lower, self.row_upper, self.start, self.index, self.value, whole,
        )  # fmt: skip
        assert status == highspy.HighsStatus.kOk
        return h


def transport(m: int, n: int):
    rng = np.random.default_rng(1)
    data = {
        "S": list(range(m)), "D": list(range(n)), "cost": np.round(rng.uniform(1, 20, (m, n)), 3),
        "supply": np.full(m, float(20 * n // m + 2)), "demand": rng.integers(5, 20, n).astype(float),
    }  # fmt: skip

    def floor() -> Floor:
        size = m * n
        index = np.empty((m, n, 2), np.int32)
        index[:, :, 0] = np.arange(m)[:, None]
        index[:, :, 1] = np.arange(m, m + n)
        return Floor(
            data["cost"].ravel(), np.zeros(size), np.full(size, INF), np.r_[np.full(m, -INF), data["demand"]],
            np.r_[data["supply"], np.full(n, INF)], np.arange(0, 2 * size + 1, 2, dtype=np.int32), index.ravel(),
            np.ones(2 * size), False,
        )  # fmt: skip

    return TRANSPORT, data, floor


def facility(f: int, c: int):
    rng = np.random.default_rng(2)
    data = {
        "F": list(range(f)), "C": list(range(c)), "fixed": np.round(rng.uniform(20, 60, f), 3),
        "cost": np.round(rng.uniform(1, 20, (f, c)), 3),
    }  # fmt: skip

    def floor() -> Floor:
        n = f + f * c
        upper = np.full(n, INF)
        upper[:f] = 1
        whole = np.zeros(n, np.int32)
        whole[:f] = 1
        low, high = np.full(c + f * c, -INF), np.zeros(c + f * c)
        low[:c] = high[:c] = 1
        link = np.arange(c, c + f * c, dtype=np.int32).reshape(f, c)
        index, value = np.empty(3 * f * c, np.int32), np.ones(3 * f * c)
        index[: f * c], value[: f * c] = link.ravel(), -1
        k = index[f * c :].reshape(f, c, 2)
        k[:, :, 0], k[:, :, 1] = np.arange(c), link
        start = np.r_[np.arange(0, f * c, c), np.arange(f * c, 3 * f * c + 1, 2)].astype(np.int32)
        return Floor(np.r_[data["fixed"], data["cost"].ravel()], np.zeros(n), upper, low, high, start, index, value,
                     False, whole)  # fmt: skip

    return FACILITY, data, floor


def gap(a: int, j: int):
    rng = np.random.default_rng(3)
    load = rng.integers(5, 25, (a, j)).astype(float)
    data = {
        "A": list(range(a)), "J": list(range(j)), "load": load, "cost": rng.integers(10, 50, (a, j)).astype(float),
        "capacity": np.floor(load.sum(1) / a * 1.1) + 25,
    }  # fmt: skip

    def floor() -> Floor:
        n = a * j
        index, value = np.empty((a, j, 2), np.int32), np.ones((a, j, 2))
        index[:, :, 0], index[:, :, 1] = np.arange(j), np.arange(j, j + a)[:, None]
        value[:, :, 1] = load
        return Floor(
            data["cost"].ravel(), np.zeros(n), np.ones(n), np.r_[np.ones(j), np.full(a, -INF)],
            np.r_[np.ones(j), data["capacity"]], np.arange(0, 2 * n + 1, 2, dtype=np.int32), index.ravel(),
            value.ravel(), False, np.ones(n, np.int32),
        )  # fmt: skip

    return GAP, data, floor


def lotsize(p: int, t: int):
    rng = np.random.default_rng(4)
    demand = rng.integers(0, 50, (p, t)).astype(float)
    family = np.arange(p) % 10
    data = {
        "P": list(range(p)), "T": list(range(t)), "G": list(range(10)), "demand": demand,
        "initial": np.full(p, 120.0), "big": demand[:, ::-1].cumsum(1)[:, ::-1] + 1, "used": np.ones(p),
        "setup": rng.integers(2, 8, p).astype(float), "capacity": np.full(t, 50.0 * p),
        "make_cost": np.round(rng.uniform(1, 3, (p, t)), 3), "hold_cost": np.round(rng.uniform(0.1, 0.5, p), 3),
        "fixed": rng.integers(20, 80, p).astype(float), "family": family.tolist(), "most": max(2, p // 10 * 6 // 10),
        "window": 4, "rest": 2,
    }  # fmt: skip

    def floor() -> Floor:
        n = p * t
        x = np.arange(n, dtype=np.int32).reshape(p, t)
        s, y = x + n, x + 2 * n
        parts, values, counts = [], [], []
        lows, highs = [], []
        b = np.empty((p, t, 3), np.int32)
        b[:, :, 0], b[:, :, 1], b[:, 1:, 2] = x, s, s[:, :-1]
        keep = np.ones((p, t, 3), bool)
        keep[:, 0, 2] = False
        v = np.ones((p, t, 3))
        v[:, :, 1] = -1
        parts.append(b[keep])
        values.append(v[keep])
        counts.append(keep.sum(2).ravel())
        r = demand.copy()
        r[:, 0] -= data["initial"]
        lows.append(r.ravel())
        highs.append(r.ravel())
        parts.append(np.stack([x, y], -1).ravel())
        values.append(np.stack([np.ones((p, t)), -data["big"]], -1).ravel())
        counts.append(np.full(n, 2))
        lows.append(np.full(n, -INF))
        highs.append(np.zeros(n))
        parts.append(np.concatenate([x, y], 0).T.ravel())
        values.append(np.tile(np.r_[data["used"], data["setup"]], t))
        counts.append(np.full(t, 2 * p))
        lows.append(np.full(t, -INF))
        highs.append(data["capacity"])
        k = np.arange(t)[:, None] + np.arange(-3, 1)[None, :]
        ok = k >= 0
        w = y[:, np.maximum(k, 0)]
        parts.append(w[np.broadcast_to(ok, w.shape)])
        values.append(np.ones(p * int(ok.sum())))
        counts.append(np.tile(ok.sum(1), p))
        lows.append(np.full(n, -INF))
        highs.append(np.full(n, 2.0))
        order = np.argsort(family, kind="stable")
        size = np.bincount(family, minlength=10)
        pos = np.r_[0, np.cumsum(size)]
        for g in range(10):
            parts.append(y[order[pos[g] : pos[g + 1]]].T.ravel())
        values.append(np.ones(n))
        counts.append(np.repeat(size, t))
        lows.append(np.full(10 * t, -INF))
        highs.append(np.full(10 * t, float(data["most"])))
        every = np.concatenate(counts)
        start = np.zeros(len(every) + 1, np.int32)
        np.cumsum(every, out=start[1:])
        cost = np.r_[data["make_cost"].ravel(), np.repeat(data["hold_cost"], t), np.repeat(data["fixed"], t)]
        upper = np.full(3 * n, INF)
        upper[2 * n :] = 1
        whole = np.zeros(3 * n, np.int32)
        whole[2 * n :] = 1
        return Floor(cost, np.zeros(3 * n), upper, np.concatenate(lows), np.concatenate(highs), start,
                     np.concatenate(parts), np.concatenate(values), True, whole)  # fmt: skip

    return LOTSIZE, data, floor


def network(arcs: int):
    nodes = max(4, arcs // 5)
    rng = np.random.default_rng(5)
    u = np.r_[np.arange(nodes), rng.integers(0, nodes, 2 * arcs)]
    v = np.r_[(np.arange(nodes) + 1) % nodes, rng.integers(0, nodes, 2 * arcs)]
    u, v = u[u != v], v[u != v]
    first = np.sort(np.unique(u * nodes + v, return_index=True)[1])[:arcs]
    order = rng.permutation(len(first))
    u, v = u[first][order], v[first][order]
    supply = rng.integers(-5, 6, nodes).astype(float)
    supply[0] -= supply.sum()
    ring = (v - u) % nodes == 1
    data = {
        "N": list(range(nodes)), "Arcs": list(zip(u.tolist(), v.tolist(), strict=True)),
        "cost": np.where(ring, 50.0, rng.integers(1, 20, len(u))), "supply": supply,
        "room": np.where(ring, 1e5, rng.integers(5, 30, len(u))),
    }  # fmt: skip

    def floor() -> Floor:
        n = len(u)
        index = np.empty((n, 2), np.int32)
        index[:, 0], index[:, 1] = u, v
        value = np.ones(2 * n)
        value[1::2] = -1
        return Floor(data["cost"], np.zeros(n), data["room"], supply, supply,
                     np.arange(0, 2 * n + 1, 2, dtype=np.int32), index.ravel(), value, False)  # fmt: skip

    return NETWORK, data, floor


PROBLEMS: dict[str, Callable[[], tuple]] = {
    "transport 300x300": lambda: transport(300, 300),
    "facility 200x1000": lambda: facility(200, 1000),
    "gap 100x1000": lambda: gap(100, 1000),
    "lotsize 100x100": lambda: lotsize(100, 100),
    "network 100000": lambda: network(100_000),
    "transport 1000x1000": lambda: transport(1000, 1000),
    "transport 7x9": lambda: transport(7, 9),
}


def median(f: Callable[[], object], runs: int) -> float:
    """CPU milliseconds, median of ``runs`` after one warm-up."""
    f()
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.process_time()
        f()
        times.append(time.process_time() - start)
    return 1e3 * statistics.median(times)


def signature(h: highspy.Highs) -> tuple:
    """Columns, rows, nonzeros, and sums that depend on every entry and its place."""
    lp = h.getLp()
    a = lp.a_matrix_
    start, index, value = np.array(a.start_), np.array(a.index_), np.array(a.value_)
    major = np.repeat(np.arange(len(start) - 1), np.diff(start))
    by_row = "Row" in str(a.format_)
    row, column = (major, index) if by_row else (index, major)
    mix = np.sin(1 + row * 1.37) * np.cos(2 + column * 0.73) * value
    cost = np.array(lp.col_cost_) @ np.sin(np.arange(lp.num_col_))
    return lp.num_col_, lp.num_row_, len(value), round(mix.sum(), 4), round(cost, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("problems", nargs="*", default=[])
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    ratios = []
    print(f"{'problem':22s} {'floor ms':>9s} {'nl2opt ms':>9s} {'ratio':>6s}   rewrite  ground  hand-over     bind")
    for name, make in PROBLEMS.items():
        if options.problems and not any(p in name for p in options.problems):
            continue
        text, data, floor = make()
        model = read_document(text)
        start = time.process_time()
        instance = bind(model, data)
        binding = 1e3 * (time.process_time() - start)

        def build(instance=instance):
            rewritten, _ = apply(instance.model)
            return Session(ground(instance, rewritten), SolveOptions())

        assert signature(floor().load()) == signature(build().highs), name
        theirs = median(lambda floor=floor: floor().load(), options.runs)
        ours = median(build, options.runs)
        rewriting = median(lambda model=model: apply(model), options.runs)
        rewritten, _ = apply(model)
        grounding = median(lambda instance=instance, m=rewritten: ground(instance, m), options.runs)
        ratio = ours / theirs
        if "7x9" not in name:
            ratios.append(ratio)
        print(f"{name:22s} {theirs:9.2f} {ours:9.2f} {ratio:6.2f} {rewriting:9.2f} {grounding:7.2f} "
              f"{ours - rewriting - grounding:10.2f} {binding:8.1f}", flush=True)  # fmt: skip
    if ratios:
        print(f"geometric mean {statistics.geometric_mean(ratios):.3f}, worst {max(ratios):.2f}")


if __name__ == "__main__":
    main()
