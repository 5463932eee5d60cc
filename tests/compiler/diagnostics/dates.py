"""Questions to calendars and windows."""

import fake

from nightshift import Calendar, age_in_days, flow, now, today, window

JP = Calendar("JP")
TOKYO = Calendar("JP", timezone="Asia/Tokyo")
NIGHT = window("22:30-07:00", timezone="Asia/Tokyo")


@flow
def no_zone() -> bool:
    return JP.is_business_day()
#          ^ NS309 Write timezone="Asia/Tokyo", or give it to the schedule or the calendar.


@flow
def no_such_zone() -> bool:
    return JP.is_holiday(timezone="Asia/Tokio")
#          ^ NS309 Did you mean Asia/Tokyo


@flow
def zone_from_outside(zone: str) -> bool:
    return JP.is_holiday(timezone=zone)
#          ^ NS309 timezone must be a constant text


@flow
def no_such_business_day() -> bool:
    return TOKYO.business_day_of_month(0)
#          ^ NS309 Write 1, 2, ... for the first ones, -1 for the last.


@flow
def business_day_of_text() -> bool:
    return TOKYO.business_day_of_month("last")
#          ^ NS309 Write 1 for the first, -1 for the last.


@flow
def wrong_arguments() -> list[bool]:
    fake.act(name="a")
    return [TOKYO.business_day_of_month(), TOKYO.is_holiday("2026-11-23")]
#           ^ NS309 Write business_day_of_month(-1)


@flow
def other_wrong_arguments() -> bool:
    return TOKYO.is_holiday("2026-11-23")
#          ^ NS309 Write is_holiday()


@flow
def a_window_takes_nothing() -> bool:
    return NIGHT.is_open(timezone="UTC")
#          ^ NS309 The window has its own time zone.


@flow
def moments(day: str, n: int):
    return now("UTC")
#          ^ NS309 It takes nothing


@flow
def days(day: str):
    return today(zone="UTC")
#          ^ NS309 It takes timezone


@flow
def ages_of_numbers(n: int):
    return age_in_days(n)
#                      ^ NS309 Give a timestamp of AWS
