"""for_each beyond 40 at a time: a Distributed Map, whose children are executions of their own."""

import fake
from expect import case

from nightshift import Failed, PartFailed, flow, for_each


@case(result=["a!", "b!"], calls=["act a!", "act b!"])
@flow
def distributed(mark: str = "!") -> list[str]:
    """Beyond 40 at a time it is a Distributed Map, whose children read no variable of their parent."""
    return for_each(["a", "b"], lambda name: fake.act(name=name + mark).name, at_most=100)


@case(result=[0, []], calls=[])
@flow
def distributed_of_nothing() -> list[object]:
    empty: list[str] = []
    done = for_each(empty, lambda name: fake.act(name=name).name, at_most=41)
    return [len(done), done]


@case(result=[[1, 2], [2, 4]], calls=["number value=1", "number value=2", "number value=2", "number value=4"])
@flow
def distributed_with_a_loop_inside(factors: list[int] = [1, 2]) -> list[list[int]]:
    """It reads a list of the parent, and has a counter and a try of its own."""

    def one(n: int) -> list[int]:
        seen: list[int] = []
        for factor in factors:
            try:
                seen = seen + [fake.number(value=n * factor).value]
            except PartFailed:
                break
        return seen

    return for_each([1, 2], one, at_most=50)


@case(result="PartFailed: b failed", calls=["act a", "act b"])
@flow
def distributed_failing() -> str:
    """The error is that of the item, with its name."""
    try:
        for_each(["a", "b"], lambda name: fake.act(name=name, fails="PartFailed" if name == "b" else None), at_most=99)
    except PartFailed as e:
        return f"{e.error}: {e.cause}"
    return "never"


@case(fails="Failed: 2 is too many", calls=["act tidy"])
@flow
def distributed_raising() -> list[list[int]]:
    def one(n: int) -> list[int]:
        if n == 2:
            raise Failed(f"{n} is too many")
        return [n]

    try:
        return for_each([1, 2], one, at_most=99)
    finally:
        fake.act(name="tidy")


@case(result=[[[1]], [None], [[]], ["a", "b"], 1])
@flow
def distributed_values() -> list[object]:
    """Lists of one item, of none, and None come through as they are."""
    ones = for_each([1], lambda n: [n], at_most=99)
    nones = for_each([1], lambda n: None, at_most=99)
    empty: list[str] = []
    lists = for_each([1], lambda n: empty, at_most=99)
    texts = for_each(["a", "b"], lambda s: s, at_most=99)
    return [ones, nones, lists, texts, len(ones)]


@case(result=[["a!", "b!"], ["a!", "b!"]], calls=["act a!", "act b!"] * 2)
@flow
def distributed_by_few_at_a_time(mark: str = "!") -> list[list[str]]:
    """Each item has a history of its own, also in waves."""
    plain = for_each(["a", "b"], lambda name: fake.act(name=name + mark).name, at_most=1, distributed=True)
    waves = for_each(
        ["a", "b"], lambda name: fake.act(name=name + mark).name, at_most=1, max_failures=0, distributed=True
    )
    return [plain, waves.results]
