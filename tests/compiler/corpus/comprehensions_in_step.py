"""Comprehensions over `enumerate(xs)`, `zip(xs, ys)` and `d.items()`."""

from expect import case

from nightshift import flow


@case([[], {}, [], 0, False, {}], given={"d": {}})
@case([[], {"a": 2}, ["a=1"], 1, False, {"a": 1}], given={"d": {"a": 1}})
@case(
    [["b", "c"], {"a": 2, "b": 3, "c": 4}, ["a=1", "b=2", "c=3"], 6, True, {"a": 1, "c": 3}],
    given={"d": {"a": 1, "b": 2, "c": 3}},
)
@flow
def over_items(d: dict[str, int]) -> list[object]:
    large = [key for key, value in d.items() if value > 1]
    more = {key: value + 1 for key, value in d.items()}
    said = [f"{key}={value}" for key, value in d.items()]
    some = {key: value for key, value in d.items() if value != 2}
    return [large, more, said, sum(value for _, value in d.items()), any(v > 2 for _, v in d.items()), some]


@case([[], [], {}], given={"xs": []})
@case([["0a"], [], {"a": 0}], given={"xs": ["a"]})
@case([["0a", "1b"], ["2b"], {"a": 0, "b": 1}], given={"xs": ["a", "b"]})
@flow
def over_enumerate(xs: list[str]) -> list[object]:
    second = [f"{i}{x}" for i, x in enumerate(xs, start=1) if i > 1]
    return [[f"{i}{x}" for i, x in enumerate(xs)], second, {x: i for i, x in enumerate(xs)}]


@case([[], {}, True], given={"xs": [], "ys": [1]})
@case([["a1"], {"a": 1}, True], given={"xs": ["a", "b"], "ys": [1]})
@case([["a1", "b0"], {"a": 1, "b": 0}, False], given={"xs": ["a", "b"], "ys": [1, 0, 5]})
@flow
def over_zip(xs: list[str], ys: list[int]) -> list[object]:
    return [
        [f"{x}{y}" for x, y in zip(xs, ys)],
        {x: y for x, y in zip(xs, ys)},
        all(y > 0 for _, y in zip(xs, ys)),
    ]


@case([[], [], []], given={"d": {}})
@case([[[1]], [[2]], [[0]]], given={"d": {"a": [1]}})
@case([[[1, 2], []], [[2, 3], []], [[0, 1], []]], given={"d": {"a": [1, 2], "b": []}})
@flow
def lists_inside(d: dict[str, list[int]]) -> list[object]:
    more = [[x + 1 for x in values] for _, values in d.items()]
    return [[values for _, values in d.items()], more, [[i for i, _ in enumerate(values)] for _, values in d.items()]]


@case([[2], {"b": None}], given={"d": {"a": 1, "b": None}}, unable={"ministack": "its JSONata fails on a null value"})
@flow
def what_may_be_none(d: dict[str, int | None]) -> list[object]:
    return [[v + 1 for _, v in d.items() if v is not None], {k: v for k, v in d.items() if v is None}]
