"""parallel and for_each: branches, what they may read, how they fail, and how they nest."""

import fake
from expect import case

from nightshift import Failed, NoMatch, PartFailed, flow, for_each, parallel

SUFFIX = "!"


def stop_all() -> str:
    fake.act(name="stop")
    return "stopped"


def one_more(n: int) -> int:
    return fake.number(value=n + 1).value


@case(result=["a", 2], calls=["act a", "number value=2"])
@flow
def parallel_of_nested_functions() -> list[object]:
    def left() -> str:
        return fake.act(name="a").name

    def right() -> int:
        return fake.number(value=2).value

    a, b = parallel(left, right)
    return [a, b]


@case(result=[["stopped", None], "stopped"], calls=["act stop", "act b"])
@flow
def parallel_of_helpers() -> list[object]:
    """A branch without return gives None."""

    def nothing() -> None:
        fake.act(name="b")

    both = parallel(stop_all, nothing)
    return [both, both[0]]


@case(result=["a", "b"], calls=["act a", "act b"])
@flow
def parallel_of_lambdas() -> list[str]:
    a, b = parallel(lambda: fake.act(name="a"), lambda: fake.act(name="b"))
    return [a.name, b.name]


@case(result=[["x"]], calls=["act x"])
@flow
def parallel_of_one() -> list[list[str]]:
    """One branch gives a list of one result, which may be a list of one."""
    (only,) = parallel(lambda: fake.act(name="x").changed)
    return [only]


@case(result=None, calls=["act a", "act b", "act after"])
@flow
def parallel_without_result() -> None:
    parallel(lambda: fake.act(name="a"), lambda: fake.act(name="b"))
    fake.act(name="after")


@case(result=["i-1", "outer!", 3], calls=['find ids=["i-1"]', "act outer!"], given={"name": "outer"})
@flow
def branches_read_outer_variables(name: str) -> list[object]:
    n = 2
    loud = name + SUFFIX

    def left() -> str:
        return fake.find(ids=["i-1"]).matched[0]

    def right() -> str:
        return fake.act(name=loud).name

    def middle() -> int:
        return n + 1

    a, b, c = parallel(left, right, middle)
    return [a, b, c]


@case(result=[3, 30, 1], calls=[])
@flow
def branches_have_variables_of_their_own() -> list[int]:
    """Two branches assign the same name, and neither the outer one."""
    n = 1

    def left() -> int:
        total = n + 2
        return total

    def right() -> int:
        total = n * 30
        return total

    a, b = parallel(left, right)
    return [a, b, n]


@case(fails="PartFailed: b failed", calls=["act a", "act b"])
@flow
def failing_branch() -> None:
    parallel(lambda: fake.act(name="a"), lambda: fake.act(name="b", fails="PartFailed"))


@case(result="PartFailed: b failed", calls=["act a", "act b", "act after"])
@flow
def failing_branch_caught_outside() -> str:
    said = ""
    try:
        parallel(lambda: fake.act(name="a"), lambda: fake.act(name="b", fails="PartFailed"))
    except PartFailed as e:
        said = f"{e.error}: {e.cause}"
    fake.act(name="after")
    return said


@case(result="NoMatch: own", calls=["act a", "act tidy"])
@flow
def raise_in_a_branch() -> str:
    def left() -> None:
        fake.act(name="a")
        raise NoMatch("own")

    try:
        parallel(left)
    except NoMatch as e:
        return f"{e.error}: {e.cause}"
    finally:
        fake.act(name="tidy")
    return "never"


@case(result=["NoMatch", "b"], calls=["act a", "act b"])
@flow
def error_caught_inside_a_branch() -> list[str]:
    def left() -> str:
        try:
            fake.act(name="a", fails="NoMatch")
        except NoMatch as e:
            return e.error
        return "none"

    first, second = parallel(left, lambda: fake.act(name="b").name)
    return [first, second]


@case(result=[5], calls=["act tidy"])
@flow
def finally_inside_a_branch() -> list[int]:
    def left() -> int:
        try:
            return 5
        finally:
            fake.act(name="tidy")

    (n,) = parallel(left)
    return [n]


@case(result=[["1a", "1b"], ["2a", "2b"]], calls=["act 1a", "act 1b", "act 2a", "act 2b"])
@flow
def parallel_in_a_loop() -> list[list[str]]:
    seen: list[list[str]] = []
    for n in [1, 2]:
        a, b = parallel(lambda: fake.act(name=f"{n}a").name, lambda: fake.act(name=f"{n}b").name)
        seen = seen + [[a, b]]
    return seen


@case(result=[1, 2], calls=["act 1", "act 2"])
@flow
def loop_in_a_branch() -> list[int]:
    def left() -> list[int]:
        seen: list[int] = []
        for n in [1, 2, 3]:
            if n == 3:
                break
            fake.act(name=f"{n}")
            seen = seen + [n]
        return seen

    (found,) = parallel(left)
    return found


@case(result=["inner a", "inner b", "outer"], calls=["act inner a", "act inner b", "act outer"])
@flow
def parallel_in_parallel() -> list[str]:
    def left() -> list[str]:
        a, b = parallel(lambda: fake.act(name="inner a").name, lambda: fake.act(name="inner b").name)
        return [a, b]

    found, outer = parallel(left, lambda: fake.act(name="outer").name)
    return found + [outer]


@case(result=["a", "b"], calls=["act a", "act b"], given={"names": ["a", "b"]})
@case(result=["a"], calls=["act a"], given={"names": ["a"]})
@case(result=[], calls=[], given={"names": []})
@flow
def for_each_of_a_list(names: list[str]) -> list[str]:
    def act(name: str) -> str:
        return fake.act(name=name).name

    return for_each(names, act)


@case(result=[2, 3, 4], calls=["number value=2", "number value=3", "number value=4"])
@flow
def for_each_of_a_helper() -> list[int]:
    return for_each([1, 2, 3], one_more, at_most=2)


@case(result=[["a"], []], calls=['find ids=["a"]', "find ids=[]"])
@flow
def for_each_of_lists() -> list[list[str]]:
    """Items and results are lists, of one item and of none."""
    return for_each([["a"], []], lambda ids: fake.find(ids=ids).matched)


@case(result=[["a"]], calls=['find ids=["a"]'])
@flow
def for_each_of_one_list_of_one() -> list[list[str]]:
    return for_each([["a"]], lambda ids: fake.find(ids=ids).matched)


@case(result=["m-0 of size 1", "m-1 of size 2"], calls=["machines", "act m-0", "act m-1"])
@flow
def for_each_of_records() -> list[str]:
    found = fake.machines(count=2)
    return for_each(found.machines, lambda m: fake.act(name=m.id).name + f" of size {m.size}")


@case(result=["xa", "xb"], calls=["act xa", "act xb"])
@flow
def for_each_reads_outer_variables(prefix: str = "x") -> list[str]:
    return for_each(["a", "b"], lambda name: fake.act(name=prefix + name).name)


@case(result=["1 ok", "2 NoMatch", "3 ok"], calls=["act 1", "act 2", "act 3"])
@flow
def for_each_with_errors_inside() -> list[str]:
    def one(n: int) -> str:
        try:
            fake.act(name=f"{n}", fails="NoMatch" if n == 2 else None)
        except NoMatch as e:
            return f"{n} {e.error}"
        return f"{n} ok"

    return for_each([1, 2, 3], one)


@case(
    result="NoMatch: 2 failed",
    calls=["act 1", "act 2"],
    unable={"ministack": "it goes on with the other items after one failed"},
)
@flow
def for_each_failing() -> str:
    try:
        for_each([1, 2, 3], lambda n: fake.act(name=f"{n}", fails="NoMatch" if n == 2 else None))
    except NoMatch as e:
        return f"{e.error}: {e.cause}"
    return "never"


@case(result=[["1a", "1b"], ["2a", "2b"]], calls=["act 1a", "act 1b", "act 2a", "act 2b"])
@flow
def for_each_in_for_each() -> list[list[str]]:
    """The inner function reads the item of the outer one."""

    def outer(n: int) -> list[str]:
        return for_each(["a", "b"], lambda name: fake.act(name=f"{n}{name}").name)

    return for_each([1, 2], outer)


@case(result=[[["1"]]], calls=["act 1"])
@flow
def for_each_in_parallel_in_for_each() -> list[list[list[str]]]:
    def outer(n: int) -> list[list[str]]:
        (found,) = parallel(lambda: for_each([f"{n}"], lambda name: fake.act(name=name).name))
        return [found]

    return for_each([1], outer)


@case(result=[30, 60], calls=["work 1", "work 2"], waits=[30, 30, 30])
@flow
def waiting_parts_in_for_each() -> list[int]:
    return for_each([1, 2], lambda n: fake.work(name=f"{n}", looks=n).looks * 30)


@case(result=["kept", "a"], calls=["act a"])
@flow
def result_of_a_branch_in_a_condition() -> list[str]:
    found: list[str] = []
    for name in for_each(["a"], lambda n: fake.act(name=n).name):
        if name == "a":
            found = ["kept", name]
    return found


@case(fails="Failed: both", calls=["act a"])
@flow
def parallel_in_finally() -> None:
    try:
        raise Failed("both")
    finally:
        parallel(lambda: fake.act(name="a"))


@case(result="caught PartFailed", calls=["act a", "act tidy", "act b"])
@flow
def parallel_in_an_except_clause() -> str:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        try:
            parallel(lambda: fake.act(name="tidy"), lambda: fake.act(name="b", fails="PartFailed"))
        except PartFailed as e:
            return "caught " + e.error
    return "never"
