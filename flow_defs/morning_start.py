from lambdas.parts import ec2, notify
from nightshift import PartFailed, cron, flow


@flow(schedule=cron("30 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="1h", operators=["service-desk"])
def morning_start(tag: str = "AutoOn=yes", required: str = "AutoOn", to: str = "ops@example.com"):
    """Start the office-hours instances on weekdays and wait until both of their status checks pass.

    Who is not up is mailed; so are instances without the tag that every instance has to carry, yes or no: nobody
    decided about them, and selection by tag passes them by.
    """
    try:
        started = ec2.start_instances(tag=tag, status_check=True)
    except PartFailed as problem:
        notify.email(to=to, subject="morning_start: not everything is up", body=problem.cause)
        raise
    finally:
        forgotten = ec2.find_untagged(required=required)
        if forgotten.untagged:
            notify.email(to=to, result=forgotten)
    return started.summary
