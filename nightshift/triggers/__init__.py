"""What starts a flow: schedules, `Alarm` and `topic`.

Each checks what it is given where it is written and raises TriggerError: the message says which part is wrong, the
hint what to write.
"""

from __future__ import annotations

from lambdas.calendar.cron import TriggerError
from nightshift.triggers.alarms import Alarm, Topic, member_alarm, topic
from nightshift.triggers.schedule import Schedule
from nightshift.triggers.schedule_types import at, cron, daily, monthly, rate, weekdays, weekly
from nightshift.triggers.window import Window, window

__all__ = [
    "Alarm",
    "Schedule",
    "Topic",
    "TriggerError",
    "Window",
    "at",
    "cron",
    "daily",
    "member_alarm",
    "monthly",
    "rate",
    "topic",
    "weekdays",
    "weekly",
    "window",
]
