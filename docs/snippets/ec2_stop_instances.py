from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"), timeout="1h")
def after_office_hours():
    """Stop what nobody needs at night; one that cannot be stopped does not keep the others up."""
    return ec2.stop_instances(tag="AutoOff=yes", on_failure="continue").summary
