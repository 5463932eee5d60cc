"""Calls of parts, flows, helpers and the functions of nightshift."""

import fake

from lambdas.parts import ebs
from nightshift import accounts, approval, flow, for_each, parallel, rate, sleep, topic, wait_until

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


def sometimes(name: str) -> str:
    if name == "a":
        return name
    fake.act(name=name)


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
#                             ^ NS303 Give an int
    fake.echo(mode="medium")
#                  ^ NS303 Give 'soft' or 'hard'
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
#           ^ NS303 Give an int
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
#   ^ NS306 Give to="ops@example.com", approvers=["leads"], or both
    approval("go?", "ops@example.com", by="leads")
#   ^ NS306 approval() takes message, to, approvers, at_least, allow_starter, timeout, remind, escalate_to, escalate_after
    approval("go?", approvers=[])
#                             ^ NS306 Write approvers=["leads"]
    approval("go?", approvers="leads")
#                             ^ NS306 Write approvers=["leads"]
    approval("go?", approvers=["leads", "the owners"])
#                             ^ NS306 'the owners' is no name of a group
    approval("go?", approvers=[f"team-{count}"])
#                             ^ NS306 must be a list of groups that is written here
    approval("go?", approvers=["leads"], at_least=0)
#                                                 ^ NS306 a number from 1 to 20
    approval("go?", approvers=["leads"], at_least=count)
#                                                 ^ NS306 Write at_least=2
    approval("go?", approvers=["leads"], allow_starter="yes")
#                                                      ^ NS306 Write allow_starter=True
    approval(5, to="ops@example.com")
#            ^ NS306 Give a str
    approval("go?", to="ops@example.com", timeout=count)
#                                                 ^ NS306 Write seconds, or "2h"
    approval("go?", approvers=["leads"], remind="1h")
#                                               ^ NS306 Give to="ops@example.com"
    approval("go?", to="ops@example.com", remind="1m")
#                                                ^ NS306 no time from 5 minutes to its timeout
    approval("go?", to="ops@example.com", remind="5m", timeout="2d")
#                                                ^ NS306 more than 100 times
    approval("go?", to="ops@example.com", escalate_to="boss@example.com")
#   ^ NS306 belong together
    approval("go?", to="ops@example.com", escalate_to="boss@example.com", escalate_after="2d")
#                                                                                        ^ NS306 to its timeout
    approval("go?", to="ops@example.com", remind=count)
#                                                ^ NS306 Write seconds, or "2h"


@flow
def helpers():
    recursive(3)
    any_number("a")
#   ^ NS307 A helper is a plain function of this file
    a = wrong(1)
#       ^ NS205 Correct one of them
    b = for_each([1, 2], wrong)
#                        ^ NS205 Correct one of them
    c = for_each(NAMES, sometimes)
#                       ^ NS205 gives None


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


@flow(on_alarm=topic(parameters={"ids": "InstanceId", "name": "AlarmName"}))
def text_for_a_list(ids: list[str], name: str | None = None):
#                   ^ NS308 make of it what the flow needs: [ids]
    fake.act(name=name or ids[0])


@flow
def too_deep():
    for_each(NAMES, lambda a: for_each(NAMES, lambda b: for_each(NAMES, lambda c: for_each(NAMES, lambda d: d))))
#                                                                                                 ^ NS502 flow of its own


@flow
def in_accounts_without_regions():
    fake.act(name="a", accounts="dev")
#   ^ NS306 needs regions= beside accounts=


@flow
def says_the_place_twice():
    fake.act(name="a", regions=["eu-west-1"], region="eu-west-1")
#   ^ NS306 leave out region


@flow
def in_a_region_there_is_not():
    fake.act(name="a", regions=["eu-west-1", "eu-west-9"])
#                                            ^ NS310 eu-west


@flow
def in_accounts_it_has_no_such_parameter():
    fake.act(nam="a", regions=["eu-west-1"])
#                ^ NS301 Did you mean 'name'?


@flow
def in_accounts_of_a_wrong_type():
    fake.act(name=1, regions=["eu-west-1"])
#                 ^ NS303 Give a str


@flow
def targets_with_regions():
    fake.act(name="a", accounts=accounts(regions=["eu-west-1"]), regions=["eu-west-1"])
#                                                                        ^ NS306 Leave out regions


@flow
def in_accounts_with_a_rail_that_is_no_constant(most: int):
    fake.act(name="a", regions=["eu-west-1"], at_most=most)
#                                                     ^ NS306 Write at_most=5


@flow
def regions_that_are_no_list(regions: str):
    fake.act(name="a", regions=regions)
#                              ^ NS306 is a list of texts, not str


@flow
def distributed_by_a_parameter(many: bool):
    for_each(NAMES, lambda name: name, distributed=many)
#                                                  ^ NS306 Write distributed=True


@flow
def the_word_of_a_longer_name():
    ebs.create_snapshot(tag="Backup=nightly")
#                           ^ NS301 'instance_tag' or


@flow
def a_title_that_only_the_run_knows(name: str):
    ebs.create_snapshot(instance_tag="Backup=nightly", title=f"Snapshot {name}")
#                                                            ^ NS303 Write title="Stop the web servers"


@flow
def an_empty_title():
    ebs.create_snapshot(instance_tag="Backup=nightly", title=" ")
#                                                            ^ NS303 Write title="Stop the web servers"
