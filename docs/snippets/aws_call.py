"""Stop a database, and see that it is stopped."""

from lambdas.parts import aws
from nightshift import flow


@flow(timeout="3h")
def rest_orders(database: str = "orders") -> str:
    """Stop the database of the orders, and start it again when it was running."""
    db = aws.call("rds", "describe_db_instances", DBInstanceIdentifier=database).DBInstances[0]
    if db.DBInstanceStatus != "available":
        return db.DBInstanceStatus
    aws.call("rds", "stop_db_instance", DBInstanceIdentifier=database)
    aws.poll(
        "rds",
        "describe_db_instances",
        DBInstanceIdentifier=database,
        until="DBInstances[0].DBInstanceStatus == 'stopped'",
        timeout="1h",
    )
    aws.call("rds", "start_db_instance", DBInstanceIdentifier=database)
    aws.wait("rds", "db_instance_available", DBInstanceIdentifier=database, timeout="40m")
    if db.Endpoint is None:
        return "no endpoint"
    return db.Endpoint.Address
