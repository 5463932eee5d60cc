from lambdas.parts import ec2, ssm
from nightshift import cron, flow


@flow(schedule=cron("30 1 * * ? *", timezone="Asia/Tokyo"), timeout="4h")
def settle_the_day(date: str = "today"):
    """Start the batch server, run the settlement on it, and stop it again whatever happens."""
    started = ec2.start_instances(tag="Role=batch", status_check=True)
    try:
        settled = ssm.run_command(
            tag="Role=batch",
            command=["set -e", f"./settle --date {date}", "./report"],
            working_directory="/opt/settlement",
            timeout="2h",
        )
    finally:
        ec2.stop_instances(instance_id=started.changed)
    return settled.summary
