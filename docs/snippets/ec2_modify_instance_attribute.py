from lambdas.parts import ec2
from nightshift import cron, flow


@flow(schedule=cron("0 22 L * ? *", timezone="Asia/Tokyo"), timeout="2h")
def larger_for_the_closing():
    """Give the report servers a larger type for the last night of the month, or the next best there is."""
    changed = ec2.modify_instance_attribute(
        tag="Role=report",
        instance_type="m6i.2xlarge",
        fallback_types=["m5.2xlarge"],
        restart=True,
        status_check=True,
    )
    return changed.fallen_back
