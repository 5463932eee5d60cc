"""Fifty operations of twenty-six services: how a flow calls them, and the permission that each needs."""

from __future__ import annotations

from typing import Any, NamedTuple

A = "arn:${AWS::Partition}"
HERE = "${AWS::Region}:${AWS::AccountId}"
TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:orders"
ROLE = "arn:aws:iam::123456789012:role/nightshift-orders"


class Called(NamedTuple):
    """A call, and what it needs: action -> resources."""

    service: str
    operation: str
    params: dict[str, Any]
    needs: dict[str, list[str]]


def _call(service: str, operation: str, action: str, *resources: str, **params: Any) -> Called:
    return Called(service, operation, params, {action: list(resources)})


CALLS = [
    _call("rds", "describe_db_instances", "rds:DescribeDBInstances", f"{A}:rds:{HERE}:db:*"),
    _call("rds", "stop_db_instance", "rds:StopDBInstance", f"{A}:rds:{HERE}:db:orders", DBInstanceIdentifier="orders"),
    _call(
        "rds", "start_db_instance", "rds:StartDBInstance", f"{A}:rds:{HERE}:db:orders", DBInstanceIdentifier="orders"
    ),
    _call("ec2", "describe_vpcs", "ec2:DescribeVpcs", "*"),
    _call(
        "ec2",
        "create_volume",
        "ec2:CreateVolume",
        f"{A}:ec2:{HERE}:volume/*",
        AvailabilityZone="us-east-1a",
        Size=1,
    ),
    _call("s3", "list_buckets", "s3:ListAllMyBuckets", "*"),
    _call("s3", "list_objects_v2", "s3:ListBucket", f"{A}:s3:::orders", Bucket="orders"),
    _call("s3", "put_object", "s3:PutObject", f"{A}:s3:::orders/a.txt", Bucket="orders", Key="a.txt", Body="a"),
    _call("s3", "get_object", "s3:GetObject", f"{A}:s3:::orders/a.txt", Bucket="orders", Key="a.txt"),
    _call("s3", "head_object", "s3:GetObject", f"{A}:s3:::orders/a.txt", Bucket="orders", Key="a.txt"),
    _call(
        "dynamodb", "describe_table", "dynamodb:DescribeTable", f"{A}:dynamodb:{HERE}:table/orders", TableName="orders"
    ),
    _call(
        "dynamodb",
        "put_item",
        "dynamodb:PutItem",
        f"{A}:dynamodb:{HERE}:table/orders",
        TableName="orders",
        Item={"id": {"S": "1"}},
    ),
    _call("dynamodb", "scan", "dynamodb:Scan", f"{A}:dynamodb:{HERE}:table/orders", TableName="orders"),
    _call("sqs", "get_queue_url", "sqs:GetQueueUrl", f"{A}:sqs:{HERE}:orders", QueueName="orders"),
    _call(
        "sqs",
        "send_message",
        "sqs:SendMessage",
        f"{A}:sqs:{HERE}:orders",
        QueueUrl="https://sqs.us-east-1.amazonaws.com/123456789012/orders",
        MessageBody="stop",
    ),
    _call("sns", "publish", "sns:Publish", TOPIC, TopicArn=TOPIC, Message="stop"),
    _call("sns", "get_topic_attributes", "sns:GetTopicAttributes", TOPIC, TopicArn=TOPIC),
    _call("lambda", "list_functions", "lambda:ListFunctions", "*"),
    _call("autoscaling", "describe_auto_scaling_groups", "autoscaling:DescribeAutoScalingGroups", "*"),
    _call("ecs", "describe_clusters", "ecs:DescribeClusters", f"{A}:ecs:{HERE}:cluster/orders", clusters=["orders"]),
    _call("ecs", "list_services", "ecs:ListServices", "*", cluster="orders"),
    _call("ecs", "create_cluster", "ecs:CreateCluster", f"{A}:ecs:{HERE}:cluster/orders", clusterName="orders"),
    _call(
        "iam",
        "get_role",
        "iam:GetRole",
        f"{A}:iam::${{AWS::AccountId}}:role/nightshift-orders",
        RoleName="nightshift-orders",
    ),
    _call("iam", "list_users", "iam:ListUsers", "*"),
    _call("kms", "list_keys", "kms:ListKeys", "*"),
    _call("kms", "list_aliases", "kms:ListAliases", "*"),
    _call(
        "secretsmanager",
        "describe_secret",
        "secretsmanager:DescribeSecret",
        f"{A}:secretsmanager:{HERE}:secret:orders-??????",
        SecretId="orders",
    ),
    _call("secretsmanager", "list_secrets", "secretsmanager:ListSecrets", "*"),
    _call("ssm", "describe_parameters", "ssm:DescribeParameters", "*"),
    _call("ssm", "get_parameter", "ssm:GetParameter", f"{A}:ssm:{HERE}:parameter/orders/size", Name="/orders/size"),
    _call("cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms", f"{A}:cloudwatch:{HERE}:alarm:*"),
    _call(
        "cloudwatch",
        "disable_alarm_actions",
        "cloudwatch:DisableAlarmActions",
        f"{A}:cloudwatch:{HERE}:alarm:orders",
        AlarmNames=["orders"],
    ),
    _call("logs", "describe_log_groups", "logs:DescribeLogGroups", "*"),
    _call(
        "logs",
        "put_retention_policy",
        "logs:PutRetentionPolicy",
        f"{A}:logs:{HERE}:log-group:orders:*",
        logGroupName="orders",
        retentionInDays=7,
    ),
    _call(
        "events",
        "put_rule",
        "events:PutRule",
        f"{A}:events:{HERE}:rule/orders",
        Name="orders",
        ScheduleExpression="rate(1 day)",
    ),
    _call("events", "disable_rule", "events:DisableRule", f"{A}:events:{HERE}:rule/orders", Name="orders"),
    _call("stepfunctions", "describe_state_machine", "states:DescribeStateMachine", MACHINE, stateMachineArn=MACHINE),
    _call("stepfunctions", "list_state_machines", "states:ListStateMachines", "*"),
    _call(
        "ecr",
        "describe_repositories",
        "ecr:DescribeRepositories",
        f"{A}:ecr:{HERE}:repository/orders",
        repositoryNames=["orders"],
    ),
    _call("eks", "list_clusters", "eks:ListClusters", "*"),
    _call(
        "elasticache",
        "describe_cache_clusters",
        "elasticache:DescribeCacheClusters",
        f"{A}:elasticache:{HERE}:cluster:*",
    ),
    _call("redshift", "describe_clusters", "redshift:DescribeClusters", f"{A}:redshift:{HERE}:cluster:*"),
    _call("route53", "list_hosted_zones", "route53:ListHostedZones", "*"),
    _call("kinesis", "list_streams", "kinesis:ListStreams", "*"),
    _call("glue", "get_databases", "glue:GetDatabases", f"{A}:glue:{HERE}:catalog", f"{A}:glue:{HERE}:database/*"),
    _call("athena", "list_work_groups", "athena:ListWorkGroups", "*"),
    _call("batch", "describe_job_queues", "batch:DescribeJobQueues", "*"),
    _call("elbv2", "describe_load_balancers", "elasticloadbalancing:DescribeLoadBalancers", "*"),
    _call("resourcegroupstaggingapi", "get_resources", "tag:GetResources", "*"),
    _call("apigateway", "get_rest_apis", "apigateway:GET", f"{A}:apigateway:${{AWS::Region}}::/restapis"),
    _call("cloudformation", "describe_stacks", "cloudformation:DescribeStacks", f"{A}:cloudformation:{HERE}:stack/*/*"),
]
