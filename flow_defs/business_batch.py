from lambdas.parts import ec2, notify, ssm
from nightshift import NightshiftError, cron, flow


@flow(schedule=cron("0 2 * * ? *", timezone="Asia/Tokyo"), timeout="8h")
def business_batch(
    tag: str = "Role=batch",
    command: str = "./closing.sh",
    working_directory: str = "/opt/batch",
    to: str = "ops@example.com",
):
    """Start the batch servers, run the business batch on them, and stop again those that were stopped before.

    The exit code decides: a batch that fails on one of them fails the flow, with the end of its output in the mail.
    """
    try:
        before = ec2.describe_instances(tag=tag, require_match=True)
        try:
            ec2.start_instances(tag=tag, status_check=True)
            batch = ssm.run_command(tag=tag, command=command, working_directory=working_directory, timeout="6h")
        finally:
            ec2.stop_instances(instance_id=before.stopped)
    except NightshiftError as problem:
        notify.email(to=to, subject="business_batch failed", body=problem.cause)
        raise
    notify.email(to=to, template="batch_result", result=batch)
    return batch.summary
