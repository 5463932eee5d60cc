"""try and loops inside each other."""

import fake
from expect import case

from nightshift import Failed, NoMatch, PartFailed, PartTimeout, ServiceError, flow, parallel


class Other(Failed):
    """An error of this file."""


@case(result=["1", "2 failed", "3"], calls=["act 1", "act 2", "act 3"])
@flow
def try_in_a_loop() -> list[str]:
    said: list[str] = []
    for n in [1, 2, 3]:
        try:
            fake.act(name=f"{n}", fails="PartFailed" if n == 2 else None)
            said = said + [f"{n}"]
        except PartFailed as e:
            said = said + [e.cause]
    return said


@case(result=["1", "done"], calls=["act 1", "act 2"])
@flow
def break_in_a_clause() -> list[str]:
    said: list[str] = []
    for n in [1, 2, 3]:
        try:
            fake.act(name=f"{n}", fails="PartFailed" if n == 2 else None)
        except PartFailed:
            break
        said = said + [f"{n}"]
    return said + ["done"]


@case(result=["1", "3"], calls=["act 1", "act 2", "act 3"])
@flow
def continue_in_a_clause() -> list[str]:
    said: list[str] = []
    for n in [1, 2, 3]:
        try:
            fake.act(name=f"{n}", fails="PartFailed" if n == 2 else None)
        except PartFailed:
            continue
        said = said + [f"{n}"]
    return said


@case(result="stopped at 2: 2 failed", calls=["act 1", "act 2"])
@flow
def loop_in_a_try() -> str:
    n = 0
    try:
        for n in [1, 2, 3]:
            fake.act(name=f"{n}", fails="PartFailed" if n == 2 else None)
    except PartFailed as e:
        return f"stopped at {n}: {e.cause}"
    return "all"


@case(result=["a:x", "b:x", "b:y"], calls=["act a-x", "act a-y", "act b-x", "act b-y", "act b-z"])
@flow
def try_in_a_loop_in_a_try_in_a_loop() -> list[str]:
    seen: list[str] = []
    for group in ["a", "b"]:
        try:
            for name in ["x", "y", "z"]:
                try:
                    fake.act(name=f"{group}-{name}", fails="NoMatch" if group == "a" and name == "y" else None)
                    if group == "b" and name == "z":
                        raise Other("z")
                except Other:
                    break
                seen = seen + [f"{group}:{name}"]
        except NoMatch:
            continue
    return seen


@case(result=1, calls=["act a"])
@flow
def variable_assigned_before_the_error() -> int:
    n = 0
    try:
        n = 1
        fake.act(name="a", fails="NoMatch")
        n = 2
    except NoMatch:
        pass
    return n


@case(
    result=3,
    calls=["act 0", "act 1", "act 2"],
    unable={"moto": "it does not enter a state again from its own Catch"},
)
@flow
def retrying_in_a_loop() -> int:
    """What an author writes to try something three times."""
    tries = 0
    while True:
        try:
            fake.act(name=f"{tries}", fails="ServiceError" if tries < 2 else None)
            tries += 1
            break
        except ServiceError:
            tries += 1
    return tries


@case(result="Failed: a\nb", calls=[])
@flow
def cause_of_several_lines() -> str:
    try:
        raise Failed("a\nb")
    except Failed as e:
        return f"{e.error}: {e.cause}"


@case(result=["ServiceError", "PartTimeout"], calls=["act a", "work b"], waits=[30, 30])
@flow
def several_calls_in_one_try() -> list[str]:
    seen: list[str] = []
    for n in range(2):
        try:
            if n == 0:
                fake.act(name="a", fails="ServiceError")
            fake.work(name="b", looks=2, fails="PartTimeout")
        except ServiceError as e:
            seen = seen + [e.error]
        except PartTimeout as e:
            seen = seen + [e.error]
    return seen


@case(result="no", calls=["act a"])
@flow
def call_in_the_condition_of_a_try() -> str:
    try:
        if fake.act(name="a", fails="NoMatch").changed:
            return "yes"
        return "empty"
    except NoMatch:
        return "no"


@case(result="caught later", calls=["act a", "act b"])
@flow
def try_after_try() -> str:
    try:
        fake.act(name="a", fails="NoMatch")
    except NoMatch:
        pass
    try:
        fake.act(name="b", fails="NoMatch")
    except NoMatch:
        return "caught later"
    return "never"


@case(result='the "errorMessage" was lost', calls=[])
@flow
def message_that_looks_like_lambdas() -> str:
    """What is inside a branch arrives as a cause; it need not be JSON though it looks a bit like it."""

    def branch() -> None:
        raise Failed('the "errorMessage" was lost')

    try:
        parallel(branch)
    except Failed as e:
        return e.cause
    return "never"
