from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 20 * * ? *", timezone="Asia/Tokyo"), timeout="1h", operators=["service-desk"])
def evening_stop(tag: str = "AutoOff=yes"):
    """Stop the office-hours instances, but leave those that somebody tagged to stay up tonight."""
    stopped = ec2.stop_instances(tag=tag, exclude_tag="StayUp=tonight")
    return stopped.summary
