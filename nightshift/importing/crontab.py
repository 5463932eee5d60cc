"""Reads a crontab: five fields, names such as @daily, environment lines, and where a time zone is set.

Source: crontab(5) of cronie and of Debian's cron.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from nightshift.importing.days import MONTHS, WEEK
from nightshift.importing.documents import ImportProblem

NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_SUNDAY_FIRST = ("SUN", *WEEK[:-1])
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of week", 0, 7, _SUNDAY_FIRST),
)
_ZONES = ("CRON_TZ", "TZ")


@dataclass(frozen=True)
class Times:
    """When a job runs: the values of its fields, days of the week from Sunday, 0.

    either: a job with both kinds of days runs on the days of each. both: on the days that are of both kinds.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    month_days: frozenset[int]
    months: frozenset[int]
    week_days: frozenset[int]
    starred: bool


@dataclass(frozen=True)
class Job:
    """A job. times: None for @reboot. comment: the lines above it. environment: what was set above it."""

    path: Path
    line: int
    written: str
    times: Times | None
    command: str
    comment: str
    user: str | None
    zone: str | None
    mail_to: str | None
    environment: dict[str, str] = field(default_factory=dict)


def read(path: Path, *, users: bool = False) -> list[Job]:
    """The jobs of a crontab. users: the sixth field is a user, as in /etc/crontab.

    Raises ImportProblem, OSError.
    """
    jobs: list[Job] = []
    environment: dict[str, str] = {}
    comment: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise ImportProblem(path, 1, "the file is not text in UTF-8", "Save it as UTF-8.") from None
    for number, raw in enumerate(lines, 1):
        text = raw.strip()
        if text.startswith("#"):
            comment.append(text.lstrip("# ").rstrip())
        elif setting := re.fullmatch(r"[\"']?([A-Za-z_]\w*)[\"']?\s*=\s*(.*)", text):
            environment[setting[1]] = _unquoted(setting[2])
            comment = []
        elif text:
            jobs.append(_job(path, number, text, " ".join(filter(None, comment)), environment, users))
            comment = []
        else:
            comment = []
    if not jobs:
        raise ImportProblem(path, 1, "no job is in it", "Give what `crontab -l` prints.")
    return jobs


def _job(path: Path, line: int, text: str, comment: str, environment: dict[str, str], users: bool) -> Job:
    count = 1 if text.startswith("@") else 5
    parts = text.split(None, count + users)
    if len(parts) < count + users + 1:
        shape = "five fields" if count == 5 else "a name such as @daily"
        hint = f"A job is {shape}{', a user' if users else ''} and a command."
        raise ImportProblem(path, line, f"{text!r} is no job", hint)
    written = " ".join(parts[:count])
    others = {k: v for k, v in environment.items() if k not in (*_ZONES[:1], "MAILTO", "MAILFROM")}
    return Job(
        path,
        line,
        written,
        _times(path, line, written),
        parts[-1],
        comment,
        parts[count] if users else None,
        _zone(path, line, environment.get("CRON_TZ")),
        environment.get("MAILTO"),
        others,
    )


def _times(path: Path, line: int, written: str) -> Times | None:
    if written.lower() == "@reboot":
        return None
    if written.startswith("@") and written.lower() not in NICKNAMES:
        raise ImportProblem(
            path, line, f"{written} is no name of a time", f"Names are {', '.join(NICKNAMES)}, @reboot."
        )
    fields = NICKNAMES.get(written.lower(), written).split()
    minutes, hours, month_days, months, week_days = (
        _values(path, line, text, *about) for text, about in zip(fields, _FIELDS, strict=True)
    )
    starred = fields[2].startswith("*") or fields[4].startswith("*")
    return Times(minutes, hours, month_days, months, frozenset(n % 7 for n in week_days), starred)


def _values(path: Path, line: int, text: str, name: str, low: int, high: int, names: Sequence[str]) -> frozenset[int]:
    def number(part: str) -> int | None:
        if part.isdecimal() and low <= int(part) <= high:
            return int(part)
        short = part[:3].upper()
        return names.index(short) + low if short in names and len(part) == 3 else None

    found: set[int] = set()
    for item in text.split(","):
        span, slash, step = item.partition("/")
        first, dash, last = ("", "", "") if span == "*" else span.partition("-")
        begin = low if span == "*" else number(first)
        # A step behind a single value goes on to the end, as in Vixie cron.
        end = high if span == "*" or (slash and not dash) else number(last) if dash else begin
        if begin is None or end is None or begin > end or (slash and (not step.isdecimal() or int(step) == 0)):
            raise ImportProblem(
                path, line, f"the {name} is {text!r}", f"Write {low} to {high}, lists, ranges, steps such as */2, or *."
            )
        found |= set(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def _zone(path: Path, line: int, given: str | None) -> str | None:
    if not given:
        return None
    try:
        return ZoneInfo(given).key
    except (ValueError, OSError, KeyError):
        hint = 'Write an IANA name, such as "Europe/Berlin".'
        raise ImportProblem(path, line, f"CRON_TZ is {given!r}, which is no time zone", hint) from None


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
