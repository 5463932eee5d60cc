from lambdas.parts import ec2, notify
from nightshift import Calendar, PartFailed, flow, window

JP = Calendar("JP", timezone="Asia/Tokyo")
HOURS = window("22:30-07:00", days="MON-FRI", calendar=JP, only="business days")


@flow(schedule=HOURS, timeout="1h")
def keep_running(tag: str = "Hours=night", to: str = "ops@example.com"):
    """Let the night batch servers run from 22:30 to 07:00 of the next morning, in the nights of business days.

    Started by hand it does what the hour says: within the window it starts them, outside it stops them. Who is not up
    is mailed.
    """
    if not HOURS.is_open():
        return ec2.stop_instances(tag=tag).summary
    try:
        return ec2.start_instances(tag=tag, status_check=True).summary
    except PartFailed as problem:
        notify.email(to=to, subject="keep_running: not everything is up", body=problem.cause)
        raise
