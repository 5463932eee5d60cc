"""`wait_until`: the seconds until a wall clock shows a time, computed by the state machine."""

from __future__ import annotations

from lambdas.calendar.cron import time_zone
from nightshift.compiler.jsonata import Expr
from nightshift.compiler.types import INT
from nightshift.triggers.utc_offsets import clock_seconds, utc_offsets


def until_expression(clock: str, zone: str) -> Expr:
    """The same arithmetic as `nightshift.triggers.utc_offsets.next_local_time`, with the zone's offsets written in.

    Raises ValueError for a clock that is not one, TriggerError for a zone.
    """
    of_day = clock_seconds(clock)
    offsets = utc_offsets(time_zone(zone).key)
    starts = ", ".join(str(start) for start, _ in offsets)
    values = ", ".join(str(offset) for _, offset in offsets)
    code = (
        "($t := $millis() / 1000; "
        f"$starts := [{starts}]; $offsets := [{values}]; "
        # What counts is the offset now and the one after the next change: a zone changes its clock months apart.
        "$n := $max([1, $count($filter($starts, function($s) { $s <= $t }))]); "
        "$at := function($m) { $n < $count($starts) and $starts[$n] <= $m ? $offsets[$n] : $offsets[$n - 1] }; "
        "$local := $t + $at($t); "
        f"$day := $local - $local % 86400 + {of_day}; "
        "$next := $day <= $local ? $day + 86400 : $day; "
        "$ceil($next - $at($next - $at($next - $at($t))) - $t))"
    )
    return Expr(code, INT)
