"""Whole documents of the reference; a test reads, checks and binds each."""

BAKERY = """\
nl2opt: 1
name: bakery
sets:
  Loaves: [rye, wheat]
parameters:
  flour: {over: Loaves, value: {rye: 0.7, wheat: 0.5}, unit: kg/loaf}
  price: {over: Loaves, value: {rye: 4, wheat: 3}, unit: EUR/loaf}
  stock: {value: 60, unit: kg, quotes: ["60 kg of flour are left"]}
variables:
  bake: {over: Loaves, type: integer, unit: loaf}
constraints:
  - {name: flour_left, expr: "sum(flour[l] * bake[l] for l in Loaves) <= stock", quotes: ["60 kg of flour are left"]}
  - {name: some_of_each, for: l in Loaves, expr: "bake[l] >= 10", quotes: ["at least ten of each"]}
objectives:
  - maximize: "sum(price[l] * bake[l] for l in Loaves)"
"""

MONTHS = """\
nl2opt: 1
name: greenhouse
sets: {Months: [mar, apr, may, jun]}
parameters:
  orders: {over: Months, value: [40, 90, 70, 30], unit: tray}
  opening: {value: 15, unit: tray}
variables:
  grow: {over: Months, type: real, upper: 100, unit: tray}
  store: {over: Months, type: real, unit: tray}
  heated: {over: Months, type: binary}
constraints:
  - name: balance
    for: m in Months
    expr: "(store[prev(m)] if m != first(Months) else opening) + grow[m] == orders[m] + store[m]"
  - {name: cold_house, for: m in Months, expr: "implies(not heated[m], grow[m] == 0)"}
  - {name: rest, penalty: 5, for: m in Months if m != last(Months), expr: "grow[next(m)] <= 60"}
objectives:
  - minimize: "sum(50 * heated[m] + 0.8 * store[m] for m in Months)"
outputs:
  months_with_heating: "[m for m in Months if heated[m]]"
"""

CHOICES = """\
nl2opt: 1
name: choir
sets:
  Singers: [ada, bo, cy, di]
  Rows: [front, back]
  Friends: {elements: [[ada, di], [bo, cy]]}
parameters:
  height: {over: Singers, type: integer, value: [158, 175, 181, 190], unit: cm}
variables:
  row: {over: Singers, in: Rows}
constraints:
  - {name: two_each, expr: "sum(row[s] == 'front' for s in Singers) == 2"}
  - {name: see, for: "s in Singers, t in Singers if height[s] > height[t] + 10",
     expr: "not (row[s] == 'front' and row[t] == 'back')"}
  - {name: friends, penalty: 1, for: "(s, t) in Friends", expr: "row[s] == row[t]"}
answer: {find: best}
"""

DOCUMENTS = (BAKERY, MONTHS, CHOICES)
