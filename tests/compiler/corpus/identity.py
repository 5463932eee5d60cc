"""What names a call of a part for good, retries, and dry runs; test_identity.py looks at the keys themselves."""

import fake
from expect import case

from nightshift import NoMatch, Throttled, flow, for_each, parallel


@case(result=None, calls=["act 0", "act 1", "act 2"])
@flow
def a_step_in_a_loop() -> None:
    for n in range(3):
        fake.act(name=f"{n}")


@case(result=None, calls=["work 0", "work 1"], waits=[30, 30, 30, 30])
@flow
def looks_are_one_call() -> None:
    for n in range(2):
        fake.work(name=f"{n}")


@case(result=None, calls=["act 0a", "act 0b", "act 1a", "act 1b"])
@flow
def items_in_a_loop() -> None:
    for n in range(2):
        for_each(["a", "b"], lambda name: fake.act(name=f"{n}{name}"))


@case(result=None, calls=["act 0a", "act 0b", "act 1a", "act 1b"])
@flow
def a_loop_in_items() -> None:
    def one(n: int) -> None:
        for name in ["a", "b"]:
            fake.act(name=f"{n}{name}")

    for_each([0, 1], one)


@case(result=None, calls=["act 0a", "act 0b", "act 1a", "act 1b"])
@flow
def items_in_items() -> None:
    """The item of a call names both."""

    def outer(n: int) -> None:
        for_each(["a", "b"], lambda name: fake.act(name=f"{n}{name}"))

    for_each([0, 1], outer)


@case(result=None, calls=["act 0a", "act 0b", "act 1a", "act 1b"])
@flow
def branches_in_a_loop() -> None:
    for n in range(2):
        parallel(lambda: fake.act(name=f"{n}a"), lambda: fake.act(name=f"{n}b"))


@case(result=None, calls=["act 0", "act 1", "act tidy", "act 0", "act 1", "act tidy"])
@flow
def loops_with_errors() -> None:
    for _ in range(2):
        try:
            for n in range(3):
                fake.act(name=f"{n}", fails="NoMatch" if n == 1 else None)
        except NoMatch:
            pass
        finally:
            fake.act(name="tidy")


@case(result=None, calls=["act a", "act a", "act a"])
@flow
def the_same_call_three_times() -> None:
    fake.act(name="a")
    fake.act(name="a")
    fake.act(name="a")


@case(result=None, calls=["act 0a", "act 0b", "act 1a", "act 1b"])
@flow
def distributed_items_in_a_loop() -> None:
    for n in range(2):
        for_each(["a", "b"], lambda name: fake.act(name=f"{n}{name}"), at_most=50)


@case(result="caught Throttled", calls=["flaky a"], cpython=None)
@flow
def throttled_for_too_long() -> str:
    try:
        fake.flaky(name="a", times=99)
    except Throttled as e:
        return "caught " + e.error
    return "never"


@case(result=["act"], calls=["act a", "work b", "act c"], dry_run=True, waits=[30, 30])
@flow
def dry_run() -> list[str]:
    """Every call knows; a part that waits in a dry run waits."""
    fake.act(name="a")
    fake.work(name="b")
    for_each(["c"], lambda name: fake.act(name=name))
    return ["act"]


@case(result=None, calls=["act a dry_run=true"])
@flow
def dry_run_of_one_call() -> None:
    fake.act(name="a", dry_run=True)
