from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 3 ? * SUN *", timezone="Asia/Tokyo"), timeout="1h")
def weekly_reboot():
    """Reboot the terminal servers, and fail when one of them does not come back healthy."""
    return ec2.reboot_instances(tag="Reboot=weekly", status_check=True).summary
