from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("30 7 ? * MON-FRI *", timezone="Asia/Tokyo"), timeout="1h")
def before_office_hours():
    """Start what the office needs, and be done when both status checks of each have passed."""
    return ec2.start_instances(tag="AutoOn=yes", exclude_tag="Maintenance", status_check=True).summary
