"""for and while, and every way out of them."""

import fake
from expect import case

from nightshift import flow


@case(result=6, calls=["act 1", "act 2", "act 3"])
@flow
def for_over_a_list() -> int:
    total = 0
    for n in [1, 2, 3]:
        fake.act(name=f"{n}")
        total += n
    return total


@case(result=["a"], calls=["act a"], given={"names": ["a"]})
@case(result=[], given={"names": []})
@flow
def for_over_a_parameter(names: list[str]) -> list[str]:
    done: list[str] = []
    for name in names:
        done = done + fake.act(name=name).changed
    return done


@case(result=[0, 1, 2, 2, 4, 5, 3, 1], calls=[])
@flow
def for_over_ranges(n: int = 3) -> list[int]:
    seen: list[int] = []
    for i in range(n):
        seen = seen + [i]
    for i in range(2, 5, 2):
        seen = seen + [i]
    for i in range(5, 0, -2):
        seen = seen + [i]
    for i in range(0):
        seen = seen + [i * 100]
    return seen


@case(result=["0a", "1b"])
@flow
def for_over_enumerate() -> list[str]:
    seen: list[str] = []
    for i, name in enumerate(["a", "b"]):
        seen = seen + [f"{i}{name}"]
    return seen


@case(result=["a=1", "b=2"])
@flow
def for_over_a_dict() -> list[str]:
    sizes = {"a": 1, "b": 2}
    seen: list[str] = []
    for name in sizes:
        seen = seen + [f"{name}={sizes[name]}"]
    return sorted(seen)


@case(result=[[1], [2, 3], 1, 5])
@flow
def for_over_lists_of_lists() -> list[object]:
    """An item that is a list of one item stays a list."""
    seen: list[list[int]] = []
    for xs in [[1], [2, 3]]:
        seen = seen + [xs]
    total = 0
    for pair in [[1, 4]]:
        total = pair[0] + pair[1]
    return [seen[0], seen[1], len(seen[0]), total]


@case(result=[1, 4], calls=["number value=1", "number value=2"])
@flow
def list_made_before_the_loop() -> list[int]:
    """The list is what it was when the loop began."""
    xs = [1, 2]
    squares: list[int] = []
    for x in xs:
        squares = squares + [fake.number(value=x).value * x]
        xs = xs + [x]
    return squares


@case(result=[3, 3])
@flow
def loop_variable_after_the_loop() -> list[int]:
    last = 0
    x = -1
    for x in [1, 2, 3]:
        last = x
    return [last, x]


@case(result=[10, 20])
@flow
def loop_variable_assigned_in_the_body() -> list[int]:
    seen: list[int] = []
    for x in [1, 2]:
        x = x * 10
        seen = seen + [x]
    return seen


@case(result=2, calls=["act 1", "act 2"])
@flow
def break_in_for() -> int:
    last = 0
    for n in [1, 2, 3]:
        last = n
        fake.act(name=f"{n}")
        if n == 2:
            break
    return last


@case(result=None, calls=["act 1", "act 3"])
@flow
def continue_in_for() -> None:
    for n in [1, 2, 3]:
        if n == 2:
            continue
        fake.act(name=f"{n}")


@case(result="found 2", calls=["act 1", "act 2"], given={"wanted": 2})
@case(result="not found", calls=["act 1", "act 2", "act 3", "act else"], given={"wanted": 9})
@flow
def for_else(wanted: int) -> str:
    """The else of a loop runs when it was not left by break."""
    said = "not found"
    for n in [1, 2, 3]:
        fake.act(name=f"{n}")
        if n == wanted:
            said = f"found {n}"
            break
    else:
        fake.act(name="else")
    return said


@case(result="empty", calls=["act else"])
@flow
def for_else_of_an_empty_list() -> str:
    empty: list[str] = []
    for name in empty:
        fake.act(name=name)
    else:
        fake.act(name="else")
    return "empty"


@case(result=2, calls=["act 1", "act 2"])
@flow
def return_in_for() -> int:
    for n in [1, 2, 3]:
        fake.act(name=f"{n}")
        if n == 2:
            return n
    return 0


@case(result=["1a", "1b", "2a", "3a", "3b"])
@flow
def nested_for_with_exits() -> list[str]:
    seen: list[str] = []
    for n in [1, 2, 3, 4]:
        if n == 4:
            break
        for name in ["a", "b", "c"]:
            if name == "c":
                continue
            if n == 2 and name == "b":
                break
            seen = seen + [f"{n}{name}"]
    return seen


@case(result=[1, 2, "inner else", 3, "inner else"])
@flow
def else_of_an_inner_loop_breaks_the_outer() -> list[int | str]:
    seen: list[int | str] = []
    for n in [1, 2, 3, 4]:
        seen = seen + [n]
        for k in [1]:
            if k == n:
                break
        else:
            seen = seen + ["inner else"]
            if n == 3:
                break
            continue
    return seen


@case(result=3, calls=["act 0", "act 1", "act 2"])
@flow
def while_loop() -> int:
    n = 0
    while n < 3:
        fake.act(name=f"{n}")
        n += 1
    return n


@case(result=[2, 4], calls=["number value=0", "number value=1", "number value=2"])
@flow
def while_with_a_call_in_its_test() -> list[int]:
    """The call is made before each test, also the last."""
    n = 0
    while fake.number(value=n).value < 2:
        n += 1
    return [n, n * 2]


@case(result=3, calls=["act 0", "act 1", "act 2"])
@flow
def while_true_with_break() -> int:
    n = 0
    while True:
        fake.act(name=f"{n}")
        n += 1
        if n == 3:
            break
    return n


@case(result=2)
@flow
def while_true_with_return() -> int:
    n = 0
    while True:
        n += 1
        if n % 2 == 0:
            return n


@case(result=[1, 3, 5], calls=["act else"])
@flow
def while_with_continue_and_else() -> list[int]:
    n = 0
    odd: list[int] = []
    while n < 5:
        n += 1
        if n % 2 == 0:
            continue
        odd = odd + [n]
    else:
        fake.act(name="else")
    return odd


@case(result=0, calls=[])
@flow
def while_never_entered() -> int:
    n = 0
    while n > 0:
        fake.act(name="never")
    return n


@case(result=[[1, 1], [2, 1], [2, 2]])
@flow
def while_in_for() -> list[list[int]]:
    seen: list[list[int]] = []
    for n in range(1, 3):
        k = 1
        while k <= n:
            seen = seen + [[n, k]]
            k += 1
    return seen


@case(result=[1, 2, 1, 2], calls=["act 1", "act 2", "act 1", "act 2"])
@flow
def the_same_loop_twice() -> list[int]:
    """The counter of the inner loop starts anew each time."""
    seen: list[int] = []
    for _ in range(2):
        for n in [1, 2]:
            fake.act(name=f"{n}")
            seen = seen + [n]
    return seen


@case(result=["i-1", "i-2"], calls=["find", "act i-0", "act i-1", "act i-2"])
@flow
def for_over_the_result_of_a_call() -> list[str]:
    later: list[str] = []
    for instance in fake.find(count=3).matched:
        fake.act(name=instance)
        if instance != "i-0":
            later = later + [instance]
    return later


@case(result=15, calls=["work 0", "work 1", "work 2"], waits=[30, 30, 30, 30, 30, 30])
@flow
def waiting_parts_in_a_loop() -> int:
    total = 0
    for n in range(3):
        total += fake.work(name=f"{n}", looks=2).looks * 2 + n // 2
    return total + 2


@case(result=100)
@flow
def many_passes() -> int:
    n = 0
    for _ in range(100):
        n += 1
    return n


@case(result=["b"], calls=["act b"])
@flow
def unreachable_code_after_return(names: list[str] = ["b"]) -> list[str]:
    for name in names:
        fake.act(name=name)
        continue
    return names


@case(result=["b1", "a2", "b", "a", "1", "2"])
@flow
def for_over_items_keys_and_values() -> list[str]:
    sizes = {"b": 1, "a": 2}
    seen: list[str] = []
    for name, size in sizes.items():
        seen = seen + [f"{name}{size}"]
    for name in sizes.keys():
        seen = seen + [name]
    for size in sizes.values():
        seen = seen + [f"{size}"]
    return seen


@case(result="a")
@flow
def a_variable_that_is_none_at_first() -> str | None:
    """The body is compiled for what the variable may be at a later pass, too."""
    found = None
    for name in ["a", "b"]:
        if not found:
            found = name
    return found


@case(result=["None", "x1", "x2"])
@flow
def none_as_text_at_the_first_pass() -> list[str]:
    said: list[str] = []
    last = None
    for n in range(1, 4):
        said = said + [f"{last}"]
        last = f"x{n}"
    return said


@case(result=[0, 0, 5])
@flow
def a_variable_widened_in_an_inner_loop() -> list[int]:
    best = None
    seen: list[int] = []
    for n in range(3):
        seen = seen + [0 if best is None else best]
        k = 0
        while k < n:
            best = k + 5
            k += 1
    return seen
