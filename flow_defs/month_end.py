from lambdas.parts import ec2, notify
from nightshift import Calendar, PartFailed, flow, monthly

JP = Calendar("JP", extra_holidays={"12-29": "closed", "12-30": "closed", "12-31": "closed"}, timezone="Asia/Tokyo")


@flow(timeout="3h")
def change_spec(
    instance_type: str,
    tag: str = "Role=report",
    fallback_types: list[str] | None = None,
    to: str = "ops@example.com",
):
    """Give instances another type: stop those that run, change them, start them and wait for their status checks.

    Without capacity for the type the fallback types are tried, and at last an instance gets its old type back and is
    started again. Either outcome is mailed.
    """
    try:
        changed = ec2.modify_instance_attribute(
            tag=tag, instance_type=instance_type, fallback_types=fallback_types, restart=True, status_check=True
        )
    except PartFailed as problem:
        notify.email(to=to, subject=f"not everything could become {instance_type}", body=problem.cause)
        raise
    if changed.changed:
        notify.email(to=to, template="spec_result", result=changed)
    return changed.summary


@flow(schedule=monthly(business_day=-1, at="05:00", calendar=JP), timeout="4h")
def larger_at_month_end():
    """Let the report servers be large on the last business day of the month, when the books are closed."""
    return change_spec(instance_type="m6i.2xlarge", fallback_types=["m5.2xlarge", "m5a.2xlarge"])


@flow(schedule=monthly(business_day=1, at="05:00", calendar=JP), timeout="4h")
def smaller_after_month_end():
    """Let the report servers be small again from the first business day of the month."""
    return change_spec(instance_type="m6i.large")
