"""What starts a flow by an alarm: `Alarm`, which nightshift creates, and `topic`, on which alarms of others arrive."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches

from lambdas.calendar.cron import TriggerError
from lambdas.contract.errors import InvalidParameter, shown
from lambdas.contract.part import seconds
from lambdas.engine.selection import parse_tags

Pairs = Mapping[str, str] | tuple[tuple[str, str], ...]

INSTANCE = "InstanceId"
"""The dimension of an instance's own metrics ("CloudWatch metrics that are available for your instances", Amazon EC2
User Guide)."""

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")

MESSAGE_FIELDS = ("AlarmName", "NewStateReason", "NewStateValue", "StateChangeTime", "AWSAccountId", "Region")
"""What a flow's parameters can take from the message itself, besides the dimensions; the last two tell where it is."""

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
"""What PutMetricAlarm takes as Statistic; the others are ExtendedStatistic."""

BANDS = {
    "LessThanLowerOrGreaterThanUpperThreshold": "outside",
    "LessThanLowerThreshold": "below",
    "GreaterThanUpperThreshold": "above",
}
"""Comparisons with the band of anomaly detection, and their words."""

_SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
_EXTENDED = ("p99", "tm99", "wm99", "tc99", "ts99", "IQM", "TM(10%:90%)", "PR(100:2000)")
"""Examples of ExtendedStatistic."""
_NUMBER = r"\d+(?:\.\d{1,10})?"
_ONE_BOUND = re.compile(rf"(?:p|tm|wm|tc|ts)({_NUMBER})")
_TWO_BOUNDS = re.compile(rf"(TM|WM|TC|TS|PR)\(({_NUMBER})?(%?):({_NUMBER})?(%?)\)")

_HOUR, _DAY, _WEEK, _YEAR = 3600, 86_400, 604_800, 31_536_000
_MOST_DIMENSIONS = 30
_LONGEST_ALARM = 255


@dataclass(frozen=True, init=False)
class Alarm:
    """A CloudWatch alarm that nightshift creates and that starts the flow.

    threshold: with one of BANDS as comparison, the width of the band in standard deviations.
    instance_tag: with it there is one alarm for each instance that has these tags.
    at_most_one_per: seconds, or None.
    """

    metric: str
    threshold: float
    dimensions: tuple[tuple[str, str], ...]
    instance_tag: tuple[str, ...]
    comparison: str
    statistic: str
    period: int
    periods: int
    parameters: tuple[tuple[str, str], ...]
    on: tuple[str, ...]
    at_most_one_per: int | None

    def __init__(
        self,
        metric: str,
        threshold: float,
        *,
        dimensions: Pairs = (),
        instance_tag: str | Collection[str] = (),
        comparison: str = "GreaterThanOrEqualToThreshold",
        statistic: str = "Maximum",
        period: int = 60,
        periods: int = 2,
        parameters: Pairs = (),
        on: str | Collection[str] = ("ALARM",),
        at_most_one_per: str | int | None = None,
    ) -> None:
        """Take what PutMetricAlarm takes ("PutMetricAlarm", CloudWatch API Reference; "CloudWatch statistics
        definitions" and "Using CloudWatch anomaly detection", Amazon CloudWatch User Guide).

        metric: "AWS/EC2:StatusCheckFailed" (namespace:metric).
        dimensions: metric dimensions by name, such as {"InstanceId": "i-0123456789abcdef0"}; at most 30.
        instance_tag: "Role=web", or several of which all must match; `*` and `?` are wildcards. One alarm for each
            instance that has them, with the dimension InstanceId besides `dimensions`; a parameter `instance_id` of
            the flow gets the id.
        threshold, comparison, statistic: when it is breached. With one of BANDS as comparison the metric is compared
            with what anomaly detection expects, and the threshold is the width of the band in standard deviations.
        period: seconds. periods: how many in a row. Together at most a day; seven for a period of an hour and more.
        parameters: flow parameter -> name of a dimension, such as {"instance_id": "InstanceId"}, or of a field of the
            message: AlarmName, NewStateValue, NewStateReason, StateChangeTime.
        on: the new states that start the flow, of ALARM, OK and INSUFFICIENT_DATA.
        at_most_one_per: a suppression window: "15m" starts at most one run in 15 minutes for the same dimensions among
            `parameters`, or for the same alarm when there are none.

        Raises TriggerError for what CloudWatch would refuse.
        """
        if not re.fullmatch(r"[^:]+:[^:]+", metric):
            raise TriggerError(f"Alarm metric {metric!r} is not namespace:metric", 'write "AWS/EC2:StatusCheckFailed"')
        if isinstance(threshold, bool) or not isinstance(threshold, int | float):
            raise TriggerError(f"Alarm threshold is {shown(threshold)}", "write a number")
        _one_of("comparison", comparison, (*_SIGNS, *BANDS))
        if comparison in BANDS and threshold <= 0:
            raise TriggerError(
                f"Alarm threshold {threshold:g} is no width of a band", "write how many standard deviations, such as 2"
            )
        if not _is_extended(statistic):
            _one_of("statistic", statistic, STATISTICS, *_EXTENDED)
        _check_evaluation(period, periods)
        tags = _tags(instance_tag)
        count = len(_pairs(dimensions)) + bool(tags)
        if count > _MOST_DIMENSIONS:
            own = ", with InstanceId," if tags else ""
            raise TriggerError(f"Alarm has {count} dimensions{own} and CloudWatch takes 30", "leave some of them out")
        if tags and INSTANCE in dict(_pairs(dimensions)):
            raise TriggerError("Alarm has the dimension InstanceId and instance_tag", "leave one of them out")
        measured = (metric, threshold, _pairs(dimensions), tags, comparison, statistic, period, periods)
        values = (*measured, _pairs(parameters), _states(on), _at_most(at_most_one_per))
        for field, value in zip(fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)

    def given_to(self, parameters: Collection[str]) -> Alarm:
        """The alarm for a flow with these parameters: with `instance_tag`, `instance_id` gets the instance."""
        if not self.instance_tag or "instance_id" not in parameters or "instance_id" in dict(self.parameters):
            return self
        return replace(self, parameters=(*self.parameters, ("instance_id", INSTANCE)))

    @property
    def words(self) -> str:
        """The alarm in words, for lists."""
        within = f"{self.periods} x {self.period} s"
        each = f" of each instance with {', '.join(self.instance_tag)}" if self.instance_tag else ""
        if self.comparison in BANDS:
            breached = f"{BANDS[self.comparison]} its band of {self.threshold:g} standard deviations"
        else:
            breached = f"{_SIGNS[self.comparison]} {self.threshold:g}"
        return f"alarm {self.metric}{each} {breached} for {within}"


@dataclass(frozen=True)
class Topic:
    """An SNS topic whose CloudWatch alarm messages start the flow; without ARN nightshift creates one.

    on, at_most_one_per: as `Alarm` has them.
    members: a pattern of the names of alarms in member accounts, which start the flow without any topic.
    """

    arn: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    on: tuple[str, ...] = ("ALARM",)
    at_most_one_per: int | None = None
    members: str = ""

    @property
    def words(self) -> str:
        """The topic in words, for lists."""
        if self.members:
            return f"alarms {self.members} of member accounts"
        return f"alarms on {self.arn or 'its own SNS topic'}"


def topic(
    arn: str | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    on: str | Collection[str] = ("ALARM",),
    at_most_one_per: str | int | None = None,
) -> Topic:
    """Start the flow from alarm messages on an SNS topic.

    parameters, on, at_most_one_per: as `Alarm` takes them.
    Raises TriggerError when `arn` is not the ARN of a topic.
    """
    if arn is not None and not re.fullmatch(r"arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]+", arn):
        raise TriggerError(f"{arn!r} is not the ARN of an SNS topic", "write arn:aws:sns:REGION:ACCOUNT:NAME")
    return Topic(arn, _pairs(parameters or {}), _states(on), _at_most(at_most_one_per))


def member_alarm(
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    on: str | Collection[str] = ("ALARM",),
    at_most_one_per: str | int | None = None,
) -> Topic:
    """Start the flow from alarms of the organization's other accounts, which EventBridge forwards.

    name: of the alarms; `*` stands for any characters, as in "shop-*".
    parameters, on, at_most_one_per: as `Alarm` takes them; "AWSAccountId" and "Region" say where the alarm is.
    Raises TriggerError for a name that no alarm has.
    """
    if not name or len(name) > _LONGEST_ALARM or re.search(r"[\[\]?]", name):
        raise TriggerError(f"{name!r} is no name of alarms", 'write the name, or "shop-*" for all that begin so')
    return Topic(None, _pairs(parameters or {}), _states(on), _at_most(at_most_one_per), name)


def _check_evaluation(period: int, periods: int) -> None:
    if period not in (10, 20, 30) and (period < 60 or period % 60):
        raise TriggerError(f"Alarm period {period} is not 10, 20, 30 or a multiple of 60", "write seconds")
    if periods < 1:
        raise TriggerError(f"Alarm periods {periods} is not 1 or more", "write how many in a row must breach")
    longest, named = (_WEEK, "seven days") if period >= _HOUR else (_DAY, "a day for periods below an hour")
    if period * periods > longest:
        raise TriggerError(
            f"Alarm evaluates {periods} x {period} s and CloudWatch at most {named}",
            f"write periods={longest // period} or less",
        )


def _is_extended(statistic: str) -> bool:
    """Whether it is one of "CloudWatch statistics definitions" (Amazon CloudWatch User Guide) with bounds.

    Bounds in percent lie between 0 and 100. One of two may be left out; both are percents, or both are values of the
    metric, as those of PR always are. "PutMetricAlarm" names narrower percents for two bounds (10 to 90) than the
    statistics' own page, which CloudWatch's examples go beyond: that is left to CloudWatch.
    """
    if statistic == "IQM":
        return True
    if one := _ONE_BOUND.fullmatch(statistic):
        return float(one[1]) <= 100
    if not (two := _TWO_BOUNDS.fullmatch(statistic)):
        return False
    kind, *bounds = two.groups()
    units = {unit for number, unit in (bounds[:2], bounds[2:]) if number}
    stray = any(unit and not number for number, unit in (bounds[:2], bounds[2:]))
    numbers = [float(number) for number in bounds[::2] if number]
    if stray or len(units) != 1 or (kind == "PR" and units == {"%"}):
        return False
    return numbers == sorted(set(numbers)) and (units != {"%"} or numbers[-1] <= 100)


def _pairs(given: Pairs) -> tuple[tuple[str, str], ...]:
    pairs = tuple(given.items()) if isinstance(given, Mapping) else tuple(given)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise TriggerError(f"{shown(pair)} is no pair of texts", 'write {"InstanceId": "i-0123456789abcdef0"}')
    return pairs


def _tags(given: str | Collection[str]) -> tuple[str, ...]:
    tags = (given,) if isinstance(given, str) else tuple(given)
    try:
        parse_tags(list(tags), "instance_tag")
    except InvalidParameter as error:
        raise TriggerError(f"Alarm {error}", 'write instance_tag="Role=web"') from None
    return tags


def _states(given: str | Collection[str]) -> tuple[str, ...]:
    states = (given,) if isinstance(given, str) else tuple(given)
    if not states:
        raise TriggerError("Alarm on=() starts the flow never", 'write on="ALARM", or leave it out')
    for state in states:
        _one_of("state", state, STATES)
    return tuple(dict.fromkeys(states))


def _at_most(given: str | int | None) -> int | None:
    if given is None:
        return None
    try:
        window = seconds(given)
    except InvalidParameter as error:
        raise TriggerError(f"Alarm at_most_one_per: {error}", 'write at_most_one_per="15m"') from None
    if not window:
        raise TriggerError("Alarm at_most_one_per is 0", 'write at_most_one_per="15m", or leave it out')
    if window > _YEAR:
        raise TriggerError(f"Alarm at_most_one_per is {given!r}, more than a year", 'write a time such as "1d"')
    return window


def _one_of(what: str, value: str, known: tuple[str, ...], *like: str) -> None:
    """Refuse a value that is not known; like: examples of others that are taken."""
    if value not in known:
        near = get_close_matches(value, known, n=1)
        others = f", or like {', '.join(like)}" if like else ""
        hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(known)}{others}"
        raise TriggerError(f"Alarm {what} {value!r} is not one CloudWatch knows", hint)
