"""Names, errors, and ways that lead nowhere."""

import fake

from nightshift import Failed, NoMatch, PartError, flow, parallel


class Own(Failed):
    """An error of this file."""


@flow
def undefined():
    a = missing
#       ^ NS401 Assign it in the flow, or define it as a constant of the file
    fake.wrok(name="a")
#   ^ NS401 Did you mean 'work'?
    unknown(1)
#   ^ NS401 Import the part, or define a function in this file
    return a


@flow
def not_on_every_path(n: int):
    if n:
        a = 1
    for i in range(n):
        b = i
    try:
        c = fake.act(name="a")
    except NoMatch as e:
        pass
    d = a
#       ^ NS402 in both branches
    f = b
#       ^ NS402 before the loop or try
    g = c
#       ^ NS402 before the loop or try
    h = e
#       ^ NS402 ends with its clause
    i = late
#       ^ NS402 Assign 'late' before
    late = 1


@flow
def functions_of_some_ways(n: int):
    if n:
        def chosen() -> int:
            return 1
    return chosen()
#          ^ NS401 before the if, loop or try


@flow
def branch_reads_its_own(n: int):
    def branch():
        m = n + 1
        return m
    parallel(branch)
    return m
#          ^ NS401 'm' is not defined


@flow
def classes():
    try:
        fake.act(name="a")
    except KeyError:
#          ^ NS403 ends the run on Step Functions, so test before
        pass
    except Missing:
#          ^ NS403 Catch the errors of nightshift
        pass
    try:
        fake.act(name="a")
    except PartError:
        pass
    except NoMatch:
#   ^ NS405 Put it before the clauses that catch more
        pass
    try:
        fake.act(name="a")
    except Exception:
        pass
    except Own:
#   ^ NS405 Put it before the clauses that catch more
        pass


@flow
def nothing_to_raise():
    raise
#   ^ NS404 Write raise Failed("...")


@flow
def raises_what_it_must_not(n: int):
    if n == 1:
        raise ValueError("x")
#       ^ NS404 Write raise Failed("what happened
    if n == 2:
        raise "text"
#       ^ NS404 Write raise Failed("what happened
    raise Failed("a", "b")
#         ^ NS404 Write raise Failed("...")


@flow
def endless():
#< NS406 Leave the loop with `break` or `return`
    while True:
        fake.act(name="a")


class Worded(Failed):
    """A message that is made when it is read."""

    def __str__(self) -> str:
        return "always this"


class Counted(Failed):
    """A message that depends on what __init__ does."""

    def __init__(self, n: int) -> None:
        said = f"{n}"
        super().__init__(said)


@flow
def messages_that_are_not_known(n: int):
    if n == 1:
        raise Worded("x")
#             ^ NS404 super().__init__(f"...")
    raise Counted(n)
#         ^ NS404 super().__init__(f"...")
