"""Operations of AWS that no part is made for, on both servers."""

from lambdas.parts import aws
from nightshift import flow


@flow
def any_api(bucket: str):
    """Count what a table holds, and stop and start a database; in between look for patches."""
    aws.wait("dynamodb", "table_exists", TableName="ledger")
    aws.call("dynamodb", "put_item", TableName="ledger", Item={"id": {"S": "first"}})
    kept = aws.call("dynamodb", "scan", TableName="ledger").Count
    aws.call("s3", "put_object", Bucket=bucket, Key="what*for?.txt", Body="the books balance")
    aws.call("rds", "stop_db_instance", DBInstanceIdentifier="ledger")
    aws.poll(
        "rds",
        "describe_db_instances",
        DBInstanceIdentifier="ledger",
        until="DBInstances[0].DBInstanceStatus == 'stopped'",
    )
    aws.call(
        "ssm",
        "send_command",
        DocumentName="AWS-RunPatchBaseline",
        Targets=[{"Key": "tag:PatchGroup", "Values": ["ledger"]}],
        Parameters={"Operation": ["Scan"]},
    )
    aws.call("rds", "start_db_instance", DBInstanceIdentifier="ledger")
    aws.wait("rds", "db_instance_available", DBInstanceIdentifier="ledger", timeout="40m")
    return [kept, aws.call("rds", "describe_db_instances", DBInstanceIdentifier="ledger").DBInstances[0].Engine]
