"""A company's own days, from an iCalendar or a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from lambdas.calendar.cron import TriggerError

_KINDS = ("holiday", "workday")


@dataclass(frozen=True)
class Entry:
    """A day that is a holiday, or a workday although it would not be one."""

    day: date
    name: str
    workday: bool = False


class CalendarError(TriggerError):
    """A calendar that cannot be made of what it is given; of a file, the message begins with its path and line."""

    code = "NS007"


def read_entries(path: Path, first_year: int, last_year: int) -> list[Entry]:
    """The days in a file, by its ending: .ics or .csv. Events that repeat are followed through these years.

    Raises CalendarError, which says what is wrong in which line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarError(f"{path}: {getattr(error, 'strerror', None) or error}", "save it as UTF-8") from None
    if path.suffix.lower() == ".ics":
        return list(_from_icalendar(path, text, first_year, last_year))
    if path.suffix.lower() == ".csv":
        return list(_from_csv(path, text))
    raise CalendarError(f"{path} ends neither in .ics nor in .csv", "give an iCalendar or a CSV file")


def _from_csv(path: Path, text: str) -> Iterator[Entry]:
    """date, name and optionally "holiday" or "workday"; a first line that begins with "date" is a heading."""
    example = "write lines such as 2026-12-29,Year-end closing or 2026-11-28,Stocktaking,workday"
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or (number == 1 and cells[0].lower() == "date"):
            continue
        try:
            day = date.fromisoformat(cells[0].replace("/", "-"))
        except ValueError:
            raise CalendarError(f"{path}:{number}: {cells[0]!r} is not a date", example) from None
        kind = cells[2].lower() if len(cells) > 2 and cells[2] else "holiday"
        if kind not in _KINDS:
            raise CalendarError(f"{path}:{number}: {cells[2]!r} is neither holiday nor workday", example)
        yield Entry(day, cells[1] if len(cells) > 1 and cells[1] else "company holiday", kind == "workday")


def _from_icalendar(path: Path, text: str, first_year: int, last_year: int) -> Iterator[Entry]:
    """Each day of each event is a holiday (RFC 5545: DTEND is the day after the last)."""
    from icalendar import Calendar

    try:
        calendars: list[Any] = Calendar.from_ical(text, multiple=True)
    except ValueError as error:
        place = f"{path}:{_line_of(text, str(error))}"
        raise CalendarError(f"{place}: {error}", "export the calendar again as iCalendar (RFC 5545)") from None
    if not calendars:
        raise CalendarError(f"{path} holds no calendar", "it begins with BEGIN:VCALENDAR, and each BEGIN has its END")
    for calendar in calendars:
        replaced = _replaced(calendar)
        for event in calendar.walk("VEVENT"):
            name = str(event.get("SUMMARY", "company holiday"))
            start, length = _span(path, text, name, event)
            if event.get("STATUS") == "CANCELLED":
                continue
            try:
                begins = _starts(event, start, first_year, last_year)
            except ValueError as error:
                place = f"{path}:{_line_of(text, name)}: the event {name!r}"
                raise CalendarError(f"{place}: {error}", "correct its RRULE, RDATE or EXDATE (RFC 5545)") from None
            for begin in begins:
                if "RECURRENCE-ID" not in event and (event.get("UID"), begin) in replaced:
                    continue
                for n in range(length):
                    yield Entry(begin + timedelta(days=n), name)


def _replaced(calendar: Any) -> set[tuple[Any, date]]:
    """The repetitions that were moved or cancelled, as UID and first day: an event of its own stands for each."""
    events = (event for event in calendar.walk("VEVENT") if "RECURRENCE-ID" in event)
    return {(event.get("UID"), _day(event.decoded("RECURRENCE-ID"))) for event in events}


def _span(path: Path, text: str, name: str, event: Any) -> tuple[date, int]:
    """The first day of an event, and how many days it has."""
    place = f"{path}:{_line_of(text, name)}: the event {name!r}"
    hint = "give it DTSTART;VALUE=DATE:20261229 and, for several days, DTEND;VALUE=DATE with the day after the last"
    if event.errors:
        raise CalendarError(f"{place}: {event.errors[0][0]}: {event.errors[0][1]}", hint)
    if "DTSTART" not in event:
        raise CalendarError(f"{place} has no DTSTART", hint)
    start = event.decoded("DTSTART")
    end = event.decoded("DTEND", None)
    if end is None:
        end = start + event.decoded("DURATION", timedelta(days=1) if not isinstance(start, datetime) else timedelta())
    first = _day(start)
    # An event that ends at midnight does not touch the day that begins there.
    last = _day(end) - timedelta(days=not isinstance(end, datetime) or end.time() == time())
    if last < first and start != end:
        raise CalendarError(f"{place} ends before it starts", hint)
    return first, max(1, (last - first).days + 1)


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _starts(event: Any, start: date, first_year: int, last_year: int) -> list[date]:
    """The first days of an event and of its repetitions, from January of the first year to the end of the last.

    Raises ValueError for a rule that cannot be followed.
    """
    from dateutil.rrule import rruleset, rrulestr

    begin, end = datetime(first_year, 1, 1), datetime(last_year, 12, 31)
    days = rruleset()
    days.rdate(_midnight(start))
    for rule in _listed(event.get("RRULE")):
        written = rule.to_ical().decode()
        days.rrule(rrulestr(_local_until(written), dtstart=_midnight(start)))
    for field, add in (("RDATE", days.rdate), ("EXDATE", days.exdate)):
        for dates in _listed(event.get(field)):
            for moment in dates.dts:
                add(_midnight(_day(moment.dt[0] if isinstance(moment.dt, tuple) else moment.dt)))
    return [moment.date() for moment in days.between(begin, end, inc=True)]


def _local_until(rule: str) -> str:
    """UNTIL without its time: days are compared, and those have no zone."""
    return re.sub(r"(UNTIL=\d{8})T\w+", r"\1", rule)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _line_of(text: str, said: str) -> int:
    """The line a message is about: the first that is quoted in it, or that holds it."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and (said in line or f"'{line}'" in said):
            return number
    return 1
