"""Names in any script: of variables, parameters, functions and fields. Step Functions takes each, as Python does."""

from dataclasses import dataclass
from typing import TypedDict

import fake
from expect import case

from nightshift import Failed, flow, for_each


class 行(TypedDict):
    名前: str
    नमस्ते: int


@dataclass
class サーバー:
    名前: str
    é: int = 3


class 失敗(Failed):
    """An error of this file."""


@case(result=[3, 4, "a: 3", 8], calls=["act abc"])
@flow
def assigned_side_by_side() -> list[object]:
    """What is folded into one state reads the values, not the variables."""
    件数 = fake.act(name="abc").length
    é = 件数 + 1
    名前 = "a"
    合計 = é * 2
    if 件数 > 2:
        return [件数, é, f"{名前}: {件数}", 合計]
    return []


@case(result=[7, 9, 8, 12])
@flow
def constants() -> list[int]:
    件数 = 7
    é = 9
    ﬁn = 8  # Python reads "fin"
    π_2 = 12
    return [件数, é, fin, π_2]  # noqa: F821


@case(result=[5, [4, 5], [4, 5]], given={"件数": 3, "नमस्ते": {"a": 1}})
@flow
def marks_in_names(件数: int, नमस्ते: dict[str, int]) -> list[object]:
    """Vowel signs are part of a name in Python and no letters."""

    def तथा(x: int) -> int:
        return x + 件数

    é = 1
    各 = [तथा(é) for é in [1, 2]]
    for 名 in नमस्ते:
        é = तथा(é) + नमस्ते[名]
    return [é, 各, for_each([1, 2], तथा)]


@case(result=[1, 2, 3])
@flow
def names_that_look_alike() -> list[int]:
    नमस्ते = 1
    नमस_त_ = 2
    _नमस_त_ = 3
    return [नमस्ते, नमस_त_, _नमस_त_]


@case(result=[1, "a", "web", 3], given={"r": {"名前": "a", "नमस्ते": 1}})
@flow
def fields(r: 行) -> list[object]:
    s = サーバー("web")
    return [r["नमस्ते"], r["名前"], s.名前, s.é]


@case(fails="失敗: 日本")
@flow
def an_error_class() -> None:
    raise 失敗("日本")
