"""Small functions an OR-Tools program defines for itself, each only where it is called.

CP-SAT takes linear expressions and literals; a nested condition or a function of variables is a variable of its own,
tied to what it stands for. Each function below makes one such variable and returns it.
"""

from __future__ import annotations

from typing import Final

CPSAT_FUNCTIONS: Final = {
    "bounds": '''
def bounds(expression):
    """Linear expression -> the least and the greatest value its variables allow."""
    if isinstance(expression, int):
        return expression, expression
    flat = cp_model.FlatIntExpr(expression)
    ends = [(k * x.domain.min(), k * x.domain.max()) for x, k in zip(flat.vars, flat.coeffs)]
    return flat.offset + sum(map(min, ends)), flat.offset + sum(map(max, ends))
''',
    "within": '''
def within(expression, values):
    """The condition that an expression takes one of some values."""
    if isinstance(expression, int):
        return expression in values
    return cp_model.BoundedLinearExpression(expression, cp_model.Domain.from_values(list(values)))
''',
    "outside": '''
def outside(expression, values):
    """The condition that an expression takes none of some values."""
    if isinstance(expression, int):
        return expression not in values
    others = cp_model.Domain.from_values(list(values)).complement()
    return cp_model.BoundedLinearExpression(expression, others)
''',
    "literal": '''
def literal(model, condition):
    """Comparison, literal or truth value -> a literal that is true exactly where it holds."""
    if isinstance(condition, cp_model.LinearExpr):
        return condition
    if not isinstance(condition, cp_model.BoundedLinearExpression):
        return model.new_constant(int(bool(condition)))
    holds = model.new_bool_var("")
    model.add(condition).only_enforce_if(holds)
    expression = cp_model.LinearExpr.weighted_sum(condition.vars, condition.coeffs)
    expression += condition.offset
    otherwise = condition.bounds.complement()
    model.add_linear_expression_in_domain(expression, otherwise).only_enforce_if(~holds)
    return holds
''',
    "all_of": '''
def all_of(model, conditions):
    """Conditions -> a literal that is true exactly where all of them hold."""
    literals = [literal(model, condition) for condition in conditions]
    holds = model.new_bool_var("")
    model.add_bool_and(literals).only_enforce_if(holds)
    model.add_bool_or([holds, *(~x for x in literals)])
    return holds
''',
    "any_of": '''
def any_of(model, conditions):
    """Conditions -> a literal that is true exactly where one of them holds, or several."""
    literals = [literal(model, condition) for condition in conditions]
    holds = model.new_bool_var("")
    model.add_bool_or(literals).only_enforce_if(holds)
    model.add_bool_and([~x for x in literals]).only_enforce_if(~holds)
    return holds
''',
    "switch": '''
def switch(model, constraint):
    """A constraint just added -> a literal; it is enforced where the literal is true."""
    on = model.new_bool_var("")
    constraint.only_enforce_if(on)
    return on
''',
    "choice": '''
def choice(model, condition, then, otherwise):
    """`then` where a condition holds, else `otherwise`."""
    lows, highs = zip(bounds(then), bounds(otherwise))
    chosen = model.new_int_var(min(lows), max(highs), "")
    holds = literal(model, condition)
    model.add(chosen == then).only_enforce_if(holds)
    model.add(chosen == otherwise).only_enforce_if(~holds)
    return chosen
''',
    "maximum": '''
def maximum(model, values):
    """The greatest of a list of linear expressions."""
    lows, highs = zip(*(bounds(value) for value in values))
    greatest = model.new_int_var(max(lows), max(highs), "")
    model.add_max_equality(greatest, values)
    return greatest
''',
    "minimum": '''
def minimum(model, values):
    """The least of a list of linear expressions."""
    lows, highs = zip(*(bounds(value) for value in values))
    least = model.new_int_var(min(lows), min(highs), "")
    model.add_min_equality(least, values)
    return least
''',
    "absolute": '''
def absolute(model, value):
    """The absolute value of a linear expression."""
    low, high = bounds(value)
    size = model.new_int_var(0, max(-low, high), "")
    model.add_abs_equality(size, value)
    return size
''',
    "product": '''
def product(model, factors):
    """The product of a list of linear expressions."""
    low = high = 1
    for factor in factors:
        corners = [a * b for a in (low, high) for b in bounds(factor)]
        low, high = min(corners), max(corners)
    result = model.new_int_var(low, high, "")
    model.add_multiplication_equality(result, factors)
    return result
''',
    "floor_div": '''
def floor_div(model, a, b):
    """Quotient rounded down, of a divisor that is not 0; CP-SAT's own is rounded towards zero."""
    reach = max(map(abs, bounds(a)))
    quotient = model.new_int_var(-reach, reach, "")
    if isinstance(b, int):
        least, most = (0, b - 1) if b > 0 else (b + 1, 0)
        model.add_linear_constraint(a - quotient * b, least, most)
        return quotient
    if bounds(a)[0] >= 0 and bounds(b)[0] > 0:
        model.add_division_equality(quotient, a, b)
        return quotient
    rest = a - product(model, [quotient, b])
    positive = literal(model, b > 0)
    model.add(rest >= 0).only_enforce_if(positive)
    model.add(rest < b).only_enforce_if(positive)
    model.add(rest <= 0).only_enforce_if(~positive)
    model.add(rest > b).only_enforce_if(~positive)
    return quotient
''',
    "floor_mod": '''
def floor_mod(model, a, b):
    """Remainder with the sign of the divisor; CP-SAT's own has the sign of the dividend."""
    quotient = floor_div(model, a, b)
    return a - (quotient * b if isinstance(b, int) else product(model, [quotient, b]))
''',
    "element": '''
def element(model, index, values):
    """The value at a place of a list; the index is held within it."""
    lows, highs = zip(*(bounds(value) for value in values))
    picked = model.new_int_var(min(lows), max(highs), "")
    model.add_element(index, values, picked)
    return picked
''',
    "looked_up": '''
def looked_up(model, index, rows):
    """The last entry of the row whose others are the index, which is one of the rows."""
    entries = [row[-1] for row in rows]
    found = model.new_int_var_from_domain(cp_model.Domain.from_values(entries), "")
    model.add_allowed_assignments([*index, found], rows)
    return found
''',
    "pairwise_different": '''
def pairwise_different(model, values):
    """Values -> a literal that is true exactly where no two of them are equal."""
    return all_of(model, [a != b for k, a in enumerate(values) for b in values[:k]])
''',
    "variable": '''
def variable(model, expression):
    """A linear expression -> a variable that equals it."""
    made = model.new_int_var(*bounds(expression), "")
    model.add(made == expression)
    return made
''',
    "interval": '''
def interval(model, start, length, present=True):
    """An interval that is there where a condition holds; one without length occupies nothing."""
    if bounds(length)[0] < 0:
        model.add(length >= 0).only_enforce_if(literal(model, present))
    there = all_of(model, [present, length >= 1])
    end = model.new_int_var(*bounds(start + length), "")
    model.add(end == start + length)
    return model.new_optional_interval_var(start, length, end, there, "")
''',
    "tour": '''
def tour(model, successors, partial=False):
    """Places -> the arcs of one tour, each naming the next; `partial`: one left out names itself."""
    places = range(len(successors))
    return [
        (i, j, literal(model, successors[i] == j))
        for i in places
        for j in places
        if i != j or partial or len(places) == 1
    ]
''',
}
"""Name -> source; a function may call others, which are then defined, too."""
