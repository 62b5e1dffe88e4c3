"""Matrix of gains -> best one-to-one matching (the Hungarian method)."""

from __future__ import annotations

from collections.abc import Sequence


def best_matching(gains: Sequence[Sequence[float]]) -> list[int]:
    """For each row the matched column or -1, maximising the sum; rows stay free only if there are fewer columns.

    Source: Jonker and Volgenant's shortest augmenting paths, O(n^3), for at most a few dozen rows.
    """
    rows, columns = len(gains), len(gains[0]) if gains else 0
    if rows == 0 or columns == 0:
        return [-1] * rows
    size = max(rows, columns)
    worst = min(min(row) for row in gains) - 1.0
    cost = [[-(gains[i][j] if i < rows and j < columns else worst) for j in range(size)] for i in range(size)]
    potential_row = [0.0] * (size + 1)
    potential_column = [0.0] * (size + 1)
    match = [0] * (size + 1)
    for i in range(1, size + 1):
        match[0] = i
        column = 0
        least = [float("inf")] * (size + 1)
        previous = [0] * (size + 1)
        done = [False] * (size + 1)
        while True:
            done[column] = True
            row = match[column]
            step, following = float("inf"), 0
            for j in range(1, size + 1):
                if done[j]:
                    continue
                reduced = cost[row - 1][j - 1] - potential_row[row] - potential_column[j]
                if reduced < least[j]:
                    least[j], previous[j] = reduced, column
                if least[j] < step:
                    step, following = least[j], j
            for j in range(size + 1):
                if done[j]:
                    potential_row[match[j]] += step
                    potential_column[j] -= step
                else:
                    least[j] -= step
            column = following
            if match[column] == 0:
                break
        while column:
            match[column] = match[previous[column]]
            column = previous[column]
    result = [-1] * rows
    for j in range(1, size + 1):
        if match[j] <= rows and j <= columns:
            result[match[j] - 1] = j - 1
    return result
