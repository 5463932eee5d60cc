"""Calls of parts, flows, helpers and the functions of nightshift."""

import fake

from nightshift import approval, flow, for_each, parallel, rate, sleep, topic, wait_until

NAMES = ["a", "b"]


def helper(n: int, *, label: str = "x") -> str:
    return f"{label}{n}"


def recursive(n: int) -> int:
    if n > 0:
        return recursive(n - 1)
#              ^ NS307 no recursion
    return n


def any_number(*names: str) -> None:
    fake.act(name=names[0])


def several(n: int) -> int:
    m = n + 1
    return m


def wrong(n: int) -> str:
    return n


@flow
def child(n: int, name: str = "x") -> int:
    return n


@flow
def parameters(count: int):
    fake.act(nam="a")
#                ^ NS301 Did you mean 'name'?
    fake.act(name="a", size=5)
#                           ^ NS301 It takes name, fails
    fake.act(fails="NoMatch")
#   ^ NS302 Add name=...
    fake.act(name=5)
#                 ^ NS303 Give a str
    fake.work(name="a", looks="many")
#                             ^ NS303 Give a int
    fake.echo(mode="medium")
#                  ^ NS303 Give a 'soft' or 'hard'
    fake.find(ids="i-1")
#                 ^ NS303 Give a list[str]
    fake.act(name="a", dry_run="yes")
#                              ^ NS303 Give a bool
    fake.act("a")
#            ^ NS304 Write name=...
    fake.act(**{"name": "a"})
#              ^ NS304 Write the parameters out
    child(m=1)
#           ^ NS301 It takes n, name
    child()
#   ^ NS302 Add n=...
    child(n="one")
#           ^ NS303 Give a int
    helper(1, lable="y")
#   ^ NS301 It takes n, label
    helper()
#   ^ NS302 Add n=...
    helper("one")
#   ^ NS303 Convert it


@flow
def uncertain(count: int):
    a = count > 0 and fake.number(value=count).even
#                     ^ NS305 Call it in a statement before
    b = fake.number(value=1).value if count else 0
#       ^ NS305 Call it in a statement before
    c = [fake.act(name=name).length for name in NAMES]
#        ^ NS305 use for_each(...) instead of a comprehension
    d = [several(n) for n in [1, 2]]
#        ^ NS305 only a helper of one `return` may stand there
    e = 1 if count else child(n=1)
#                       ^ NS305 Call it in a statement before
    f = 1 < count < fake.number(value=1).value
#                   ^ NS305 Call it in a statement before
    count and fake.act(name="a")
#   ^ NS101 Write `if ...:` around the call


@flow
def primitives(names: list[str], clock: str, count: int):
    parallel()
#   ^ NS306 takes functions without parameters
    parallel(helper)
#            ^ NS306 Define it with no parameters
    parallel(5)
#            ^ NS306 Give the name of a function of this file, or a lambda
    for_each(names)
#   ^ NS306 Write for_each(items, function, at_most=5)
    for_each(names, lambda: 1)
#                   ^ NS306 Define it with one parameter
    for_each(names, helper, at_most=count)
#                                   ^ NS306 Write at_most=5
    for_each(names, helper, at_most=0)
#                                   ^ NS306 Write at_most=5
    sleep("soon")
#         ^ NS306 Write seconds as an int, or "90s", "10m", "2h"
    sleep(clock)
#         ^ NS306 Write seconds as an int
    sleep()
#   ^ NS306 sleep() takes duration
    wait_until(clock)
#              ^ NS306 Write wait_until("06:00", timezone="Asia/Tokyo")
    wait_until("25:00")
#   ^ NS306 Write wait_until("06:00", timezone="Asia/Tokyo")
    wait_until("06:00", timezone="Mars/Olympus")
#   ^ NS306 Write wait_until("06:00", timezone="Asia/Tokyo")
    approval("go?")
#   ^ NS306 approval() takes message, to, timeout
    approval(5, to="ops@example.com")
#            ^ NS306 Give a str
    approval("go?", to="ops@example.com", timeout=count)
#                                                 ^ NS306 Write seconds, or "2h"


@flow
def helpers():
    recursive(3)
    any_number("a")
#   ^ NS307 A helper is a plain function of this file
    a = wrong(1)
#       ^ NS205 Correct one of them


@flow
def without_type(name):
#                ^ NS308 Write `name: str`, or give a default
    fake.act(name="a")


@flow
def computed_default(names: list[str] = NAMES + ["c"]):
#                                       ^ NS308 Defaults are str, numbers, True
    fake.act(name="a")


@flow
def wrong_default(n: int = "one"):
#                 ^ NS308 Correct the annotation or the default
    fake.act(name="a")


@flow
def reserved(nightshift: str):
#            ^ NS308 another name
    fake.act(name="a")


@flow
def any_parameters(**names: str):
#< NS308 Write the parameters out
    fake.act(name="a")


@flow(schedule=rate("1 day"))
def scheduled(names: list[str], size: int = 1):
#< NS308 a schedule gives no parameters
    fake.act(name="a")


@flow(on_alarm=topic(parameters={"instance": "InstanceId"}))
def on_alarm(instance_id: str):
#< NS308 write parameters={"instance_id": "InstanceId"} in on_alarm
#< NS301 It takes instance_id
    fake.act(name="a")


@flow
def too_deep():
    for_each(NAMES, lambda a: for_each(NAMES, lambda b: for_each(NAMES, lambda c: for_each(NAMES, lambda d: d))))
#                                                                                                 ^ NS502 flow of its own
