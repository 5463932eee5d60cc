"""Rounded numbers: those of CPython, which rounds the binary number and halves to the even neighbour."""

import fake
from expect import case

from nightshift import flow


@case([0, 0.1, 0.05], given={"x": 0.05})
@case([3, 2.7, 2.67], given={"x": 2.675})
@case([-3, -2.7, -2.67], given={"x": -2.675})
@case([0, 0.5, 0.5], given={"x": 0.5})
@case([0, -0.5, -0.5], given={"x": -0.5})
@case([2, 1.5, 1.5], given={"x": 1.5})
@case([2, 2.5, 2.5], given={"x": 2.5})
@case([0, 0.1, 0.12], given={"x": 0.125})
@case([0, 0.4, 0.38], given={"x": 0.375})
@case([1, 1.0, 1.0], given={"x": 1.005})
@case([0, 0.3, 0.28], given={"x": 0.285})
@case([100, 100.0, 100.0], given={"x": 99.995})
@case([1000000000000000, 1000000000000000, 1000000000000000], given={"x": 1e15})
@flow
def to_decimals(x: float) -> list[float]:
    return [round(x), round(x, 1), round(x, 2)]


@case([7, 7, 2])
@flow
def of_ints(n: int = 7) -> list[int]:
    return [round(n), round(n, 2), round(n / 3)]


@case(["3", "2.67", "0.12", "0.1", "-0.0", "-1,234.57", "0.28"])
@flow
def as_text(x: float = 2.675, y: float = 0.125, z: float = -0.04, w: float = -1234.565) -> list[str]:
    return [f"{x:.0f}", f"{x:.2f}", f"{y:.2f}", f"{y:.1f}", f"{z:.1f}", f"{w:,.2f}", f"{0.285:.2f}"]


@case("small", calls=["act 0.5"])
@flow
def decides(load: float = 0.45) -> str:
    """0.45 is a little more than nine twentieths."""
    fake.act(name=f"{round(load, 1):.1f}")
    return "small" if round(load, 1) < 0.6 else "large"


@case(["45035996273704.992", "9007199254740991.00", "1,000,000.000", "9007199254740991", "0.1", "-1.0", "10", "0"])
@flow
def many_digits(x: float = 45035996273704.9921875, y: float = 9007199254740991.0, z: float = 999999.9996) -> list[str]:
    few = [f"{x:.3f}", f"{y:.2f}", f"{z:,.3f}", f"{y:.0f}", f"{0.05:.1f}", f"{-0.96:.1f}"]
    return few + [f"{9.5:.0f}", f"{0.5:.0f}"]


@case([1, 2], calls=["number value=7", "number value=8"])
@flow
def parts_between_divisions() -> list[int]:
    return [fake.number(value=7).value // 5, fake.number(value=8).value // 4]
