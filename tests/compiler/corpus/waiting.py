"""sleep, wait_until, approval, and parts that wait. The run starts on 2026-03-27 at 21:30 UTC."""

import fake
from expect import case

from nightshift import PartTimeout, flow, for_each, parallel, sleep, wait_until
from nightshift import approval as ask

HOUR = 3600


@case(result=None, waits=[90, 600, 7200, 86400, 5, 3600])
@flow
def durations() -> None:
    sleep(90)
    sleep("10m")
    sleep("2h")
    sleep("1d")
    sleep("5s")
    sleep(HOUR)


@case(result=None, waits=[10, 40])
@flow
def computed_durations(n: int = 10) -> None:
    sleep(n)
    sleep(n * 4)


@case(result=None, waits=[])
@flow
def no_duration() -> None:
    sleep(0)


@case(result=None, calls=["act a", "act b"], waits=[1, 2, 3])
@flow
def sleep_in_a_loop() -> None:
    fake.act(name="a")
    for n in range(1, 4):
        sleep(n)
    fake.act(name="b")


@case(result=2, calls=["work a"], waits=[30, 30])
@flow
def part_that_waits() -> int:
    return fake.work(name="a").looks


@case(result=0, calls=["work a"], waits=[])
@flow
def part_that_need_not_wait() -> int:
    return fake.work(name="a", looks=0).looks


@case(result=3, calls=["work a", "act b"], waits=[7, 7, 7])
@flow
def part_that_waits_thrice() -> int:
    looks = fake.work(name="a", looks=3, wait=7).looks
    fake.act(name="b")
    return looks


@case(
    fails="PartTimeout",
    calls=['work a timeout="2m"'],
    waits=[50, 50, 20],
)
@flow
def part_that_runs_out_of_time() -> None:
    fake.work(name="a", looks=9, wait=50, timeout="2m")


@case(result="gave up", calls=['work a timeout="1m"'], waits=[50, 10])
@flow
def timeout_caught() -> str:
    try:
        fake.work(name="a", looks=9, wait=50, timeout="1m")
    except PartTimeout:
        return "gave up"
    return "done"


@case(result=None, waits=[30 * 60])
@flow
def until_utc() -> None:
    wait_until("22:00")


@case(result=None, waits=[86400 - 30 * 60])
@flow
def until_tomorrow() -> None:
    wait_until("21:00")


@case(result=None, waits=[86400])
@flow
def until_this_minute_tomorrow() -> None:
    wait_until("21:30")


@case(result=None, waits=[30 * 60])
@flow
def until_tokyo() -> None:
    """It is 06:30 on the 28th there."""
    wait_until("07:00", timezone="Asia/Tokyo")


@case(result=None, waits=[2 * 3600 + 15 * 60])
@flow
def until_half_past_in_kolkata() -> None:
    """The offset is five hours and a half: it is 03:00 there."""
    wait_until("05:15", timezone="Asia/Kolkata")


@case(result=None, waits=[86400, 19800 - 3600])
@flow
def over_the_start_of_summer_time() -> None:
    """In Berlin it is 22:30 on the 28th after a day; the night has an hour less."""
    sleep("1d")
    wait_until("04:00", timezone="Europe/Berlin")


@case(result=None, waits=[86400, 5 * 3600 - 30 * 60 - 3600 + 60 * 30])
@flow
def a_clock_that_is_skipped() -> None:
    """02:30 does not exist in Berlin on the 29th: as far after midnight as on other days."""
    sleep("1d")
    wait_until("02:30", timezone="Europe/Berlin")


@case(result=None, waits=[1800, 86400, 86400])
@flow
def the_same_clock_every_day() -> None:
    for _ in range(3):
        wait_until("22:00", timezone="UTC")


@case(result="go", calls=["approval start 2 machines?", "act start"], approve=True)
@case(result="stop: local", calls=["approval start 2 machines?"], approve=False)
@flow
def approval(n: int = 2) -> str:
    answer = ask(f"start {n} machines?", to="ops@example.com", timeout="2h")
    if not answer.approved:
        return f"stop: {answer.by}"
    fake.act(name="start")
    return "go"


@case(
    result=["local 1, local 2", ["local 1", "local 2"], "", True],
    calls=["approval delete web?", "act delete"],
    approve=True,
)
@case(result=["local", [], "", False], calls=["approval delete web?"], approve=False)
@flow
def two_leads_approve(name: str = "web") -> list[object]:
    """Nobody is mailed."""
    answer = ask(f"delete {name}?", approvers=["leads", "owners"], at_least=2, allow_starter=True)
    people = [decision.by for decision in answer.decisions if decision.approved]
    if answer.approved:
        fake.act(name="delete")
    return [answer.by, people, answer.comment, answer.approved]


@case(result="go", calls=["approval restart?"], approve=True)
@case(result="stop", calls=["approval restart?"], approve=False)
@case(result="go", calls=[], dry_run=True, approve=False)
@flow
def reminded(boss: str = "boss@example.com") -> str:
    answer = ask("restart?", to="ops@example.com", remind="30m", escalate_to=boss, escalate_after="1h", timeout="2h")
    return "go" if answer.approved else "stop"


@case(result=["dry run", 0], calls=[], dry_run=True, approve=False)
@case(result=["local", 1], calls=["approval really?"], approve=True)
@flow
def who_decided() -> list[object]:
    answer = ask("really?", to="ops@example.com", approvers=["leads"])
    return [answer.by, len(answer.decisions)]


@case(result=None, waits=[], calls=["act a"], dry_run=True)
@flow
def a_dry_run_does_not_wait() -> None:
    sleep("10m")
    wait_until("22:00")
    fake.act(name="a")


@case(result=True, calls=["act a"], dry_run=True, approve=False)
@flow
def a_dry_run_is_approved() -> bool:
    """Nobody is asked."""
    answer = ask("really?", to="ops@example.com")
    fake.act(name="a")
    return answer.approved


@case(result=["x", 1], calls=["work x"], waits=[30, 60, 5])
@flow
def waits_in_branches() -> list[object]:
    def left() -> str:
        return fake.work(name="x", looks=1).name

    def right() -> int:
        sleep(60)
        return 1

    a, b = parallel(left, right)
    for_each([5], lambda n: sleep(n))
    return [a, b]
