"""Statements outside the language. Under each line that is wrong: where, the code, and what to write instead."""

import functools

import fake

from nightshift import Failed, flow, parallel


@flow
def not_in_the_language(names: list[str]):
    with open("x") as file:
#   ^ NS104 Parts wait, retry and clean up by themselves
        fake.act(name="a")
    import os
#   ^ NS101 Import at the top of the file
    from os import path
#   ^ NS101 Import at the top of the file
    assert names
#   ^ NS101 Write `if not ...: raise Failed("...")`
    del names
#   ^ NS101 Leave the variable
    class Local(Failed):
#   ^ NS101 Define error classes at the top of the file
        pass
    match names:
#   ^ NS101 Write if / elif / else
        case []:
            pass
    async def later():
#   ^ NS104 Define a plain function
        pass
    names == []
#   ^ NS101 Assign the value, or remove it
    yield names
#   ^ NS101 Return a list


NAMES = ["a"]
SIZES = {"a": 1}


@flow
def constants_of_the_file():
    NAMES.append("b")
#   ^ NS206 own = NAMES + [x]
    SIZES["b"] = 2
#   ^ NS206 own = {key: SIZES[key] for key in SIZES}


@flow
@functools.cache
def wrapped():
#< NS101 no decorator below @flow
    fake.act(name="a")


@flow
def groups():
    try:
#   ^ NS101 Write `except`
        fake.act(name="a")
    except* Failed:
        pass


@flow
def changing_what_a_loop_goes_over():
    sizes: dict[str, int] = {"a": 1, "b": 2}
    for _, size in sizes.items():
        sizes["b"] = size
#       ^ NS206 leave it alone in a loop over it
    counts: dict[str, int] = {}
    for count in counts.values():
        counts["b"] = count
#       ^ NS206 own = {key: counts[key] for key in counts}
    xs, ys = [1, 2], [1, 2]
    for at, x in enumerate(xs):
        xs.append(x + at)
#       ^ NS206 leave it alone in a loop over it
    for x, y in zip(xs, ys):
        ys.append(x + y)
#       ^ NS206 ys = ys + [x]
    counts["a"] += 1
#   ^ NS102 Write counts['a'] = counts['a'] + 1.
    return [xs, ys]


@flow
def targets():
    xs = [1, 2]
    xs[0] = 3
#   ^ NS102 xs = xs[:0] + [x] + xs[1:]
    found = fake.act(name="a")
    found.name = "b"
#   ^ NS102 Fields do not change
    a, b = found
#   ^ NS102 Use one name, and read its fields
    c, d = 1, 2, 3
#   ^ NS102 Write one name for each value
    for e, f in [1, 2]:
#       ^ NS102 Use one name, and read its fields
        pass
    for e, f in [("a", 1, 2)]:
#       ^ NS102 Write one name for each value
        pass
    for g in enumerate(xs):
#       ^ NS102 Write `for i, x in ...`
        pass
    a, *rest = 1, 2
#      ^ NS102 rest = parts[1:]
    return [c, d]


@flow
def outer_names():
    n = 1

    def branch():
        nonlocal n
#       ^ NS103 Return the value instead
        n = 2
    parallel(branch)


@flow
def global_names():
    global LIMIT
#   ^ NS103 Return the value instead
    LIMIT = 2


@flow
def lists_with_other_names(given: list[int]):
    given.append(1)
#   ^ NS206 keep it under this name only
    xs = [1]
    ys = xs
    xs.append(2)
#   ^ NS206 keep it under this name only
    row = [1]
    rows = [row]
    row.append(2)
#   ^ NS206 keep it under this name only
    d = {"a": 1}
    e = {"d": d}
    d["b"] = 2
#   ^ NS206 keep it under this name only
    growing = [1]
    for g in growing:
        growing.append(g)
#       ^ NS206 keep it under this name only
    hidden = [1]

    def give() -> list[int]:
        return hidden

    kept = give()
    hidden.append(2)
#   ^ NS206 keep it under this name only
    late = [1]
    try:
        return [late]
    finally:
        late.append(2)
#       ^ NS206 keep it under this name only


@flow
def lists_added_to_under_other_names(given: list[int], d: dict[str, list[int]]):
    given += [1]
#   ^ NS206 keep it under this name only
    xs = [1]
    ys = xs
    ys += [2]
#   ^ NS206 keep it under this name only
    zs = d["a"]
    zs += [3]
#   ^ NS206 keep it under this name only


@flow
def ends_without_a_value(n: int = 1) -> str:
#                                       ^ NS205 Return a str on every way
    if n > 1:
        return "many"
