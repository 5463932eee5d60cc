"""Flows whose year can be counted by hand."""

from lambdas.parts import ebs, ec2
from nightshift import Calendar, Failed, cron, daily, flow, monthly, sleep, window

JP = Calendar("JP", extra_holidays=["12-29", "12-30", "12-31"], timezone="Asia/Tokyo")
OFFICE = window("09:00-18:00", calendar=JP, only="business days")


@flow(schedule=OFFICE)
def office_hours():
    """Let a server run on business days from nine to six."""
    if OFFICE.is_open():
        return ec2.start_instances(tag="Hours=office").summary
    return ec2.stop_instances(tag="Hours=office").summary


@flow(schedule=daily("22:00", timezone="Asia/Tokyo"))
def three_generations():
    """Snapshot each volume of the archive each night, and keep three."""
    return ebs.create_snapshot(instance_tag="Role=archive", generation=3).summary


@flow(schedule=monthly(business_day=-1, at="21:00", calendar=JP))
def closing():
    """Do nothing but be counted."""
    return JP.business_day_of_month(-1)


@flow(schedule=cron("0 * * * ? *"))
def slow():
    """Take ninety minutes, and be due each hour."""
    sleep("90m")


@flow(schedule=daily("03:00"))
def broken():
    """Fail."""
    raise Failed("nothing is where it should be")
