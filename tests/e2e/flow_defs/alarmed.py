from nightshift import Alarm, flow, topic


@flow(on_alarm=topic(parameters={"instance_id": "InstanceId"}, at_most_one_per="15m"))
def calm(instance_id: str):
    """Stay calm in a burst of alarms."""
    return instance_id


@flow(on_alarm=Alarm("AWS/EC2:StatusCheckFailed", 1, instance_tag="Role=web"))
def watched(instance_id: str):
    """Have an alarm for each web server."""
    return instance_id
