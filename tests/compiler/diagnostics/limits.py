"""What Python allows and AWS does not: values without JSON, times and names that are too long, runs without end."""

import math

import fake
from nightshift import approval, flow, for_each, parallel, sleep, wait_until

DAYS = 2000


@flow
def infinite():
    return [math.inf]
#           ^ NS208 finite


@flow
def not_a_number(limit: float = math.nan):
#                               ^ NS308 Defaults are
    return 1e999
#          ^ NS208 finite


@flow
def surrogate():
    """A lone \ud800."""
    return "\ud800"
#          ^ NS208 surrogates


@flow
def words_of_jsonata(null: int = 1, true: str = "a"):
#                    ^ NS308 another name
#                                   ^ NS308 another name
    return null


@flow
def sleeps():
    sleep("2000d")
#         ^ NS504 schedule
    sleep(60 * 60 * 24 * DAYS)
#         ^ NS504 schedule
    sleep(10**12)
#         ^ NS504 schedule
    sleep("365d")
    sleep(60 * 60)
    return approval("Go on?", to="ops@example.com", timeout="400d")
#                                                           ^ NS504 schedule


@flow(timeout="2000d")
def ages():
#< NS504 after a year
    pass


@flow
def almost_a_zone():
    wait_until("06:00", timezone="Asia/Tokio")
#   ^ NS306 Did you mean Asia/Tokyo


@flow
def one_error_for_a_walrus(xs: list[str]):
    if (n := len(xs)) > 3:
#       ^ NS201 statement of its own
        return n
    return n + 1


@flow
def instead_of_python(n: int, xs: list[str], d: dict[str, int]):
    print(n)
#   ^ NS206 notify.email
    a = set(xs)
#       ^ NS206 keeps each once
    xs.sort()
#   ^ NS206 xs = sorted(xs)
    b = "-" * n
#       ^ NS202 in a comprehension
    d.update({"a": 1})
#   ^ NS206 d["key"] = value
    c = max(xs, default=0)
#       ^ NS207 if xs else 0
    return [a, b, c]


def spin():
    while True:
        fake.act(name="a")


def spin_for(n: int):
    while True:
        fake.act(name=f"{n}")


@flow
def branches_without_end():
    parallel(spin, spin)
#   ^ NS406 `break` or `return`
    for_each([1, 2], spin_for)
#   ^ NS406 `break` or `return`


@flow
def twice():
#< NS005 another name
    return 1


@flow
def twice():  # noqa: F811
    return 2


@flow
def a_name_that_is_so_long_that_no_state_machine_can_have_it_because_it_is_more():
#< NS504 At most 69 characters
    pass


@flow
def 夜間():
#< NS504 letters from a to z
    pass


@flow
def columns_count_characters():
    return "夜間" + missing
#                 ^ NS401 Assign it


@flow
def places_in_f_strings(ratio: float):
    a = f"夏 {ratio} and {missing!s}"
#            ^ NS209 .2f
    b = f"{ratio:.2f} and {missing}"
#                          ^ NS401 Assign it
    return a + b


@flow
def a_sum_that_is_too_deep(n: int):
    return (
#   ^ NS503 to a variable first
        n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n
        + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n
        + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n
        + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n + n
    )
