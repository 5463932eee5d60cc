from lambdas.parts import notify, s3
from nightshift import cron, flow


@flow(schedule=cron("0 5 * * ? *", timezone="Asia/Tokyo"), timeout="2h")
def keep_the_logs(bucket: str = "example-logs", instance_id: str = "i-0123456789abcdef0"):
    """Keep the logs of the night outside of the instance, copy them to the archive, and leave a note beside them."""
    kept = s3.put_object(bucket=bucket, key="logs/", instance_id=instance_id, path="/var/log/app/*.log.gz")
    s3.put_object(bucket=f"{bucket}-archive", key="logs", source=f"s3://{bucket}/logs/*.gz")
    s3.put_object(bucket=bucket, key="logs/README.txt", body=kept.summary)
    if not kept.changed:
        notify.email(to="ops@example.com", subject=f"{instance_id} has written no logs", result=kept)
