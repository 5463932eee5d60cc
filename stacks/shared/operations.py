"""What tells the operators that nightshift itself needs them: the dead-letter queue and the operations topic."""

from __future__ import annotations

from stacks.flows.alarm import topic_policy
from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources, attribute, deny_plain_http, policy, ref, statement, tags
from stacks.template.logs import log_group

DEAD_LETTER_POLICY, KEY_ALIAS, LOGS = "DeadLetterQueuePolicy", "KeyAlias", "StateMachineLogs"
"""Logical ids of what the flows' own resources name."""

DEAD_LETTER_DAYS = 14
"""The longest SQS keeps a message."""


def key(settings: Settings) -> Resources:
    """The KMS key of the topics; nothing when the company has one.

    The key AWS manages for SNS cannot be used by CloudWatch: its alarms would be dropped without a trace
    ("Encrypting messages published to Amazon SNS", SNS Developer Guide).
    """
    if settings.company.key_arn:
        return {}
    account = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    statements = [
        statement("kms:*", principal={"AWS": account}),
        statement(
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            principal={"Service": "cloudwatch.amazonaws.com"},
            condition={"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
        ),
    ]
    return {
        "Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "Description": f"Messages on the alarm topics of {settings.app}",
                "EnableKeyRotation": True,
                "KeyPolicy": policy(statements),
                "PendingWindowInDays": 7,
                "Tags": tags(settings.app),
            },
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
        },
        KEY_ALIAS: {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": settings.key_alias, "TargetKeyId": attribute("Key")},
        },
    }


def dead_letters(settings: Settings) -> Resources:
    """The queue of starts that could not be delivered: by a schedule, by a topic, by the alarm receiver."""
    company = settings.company.key_arn
    from_topics = statement(
        "sqs:SendMessage",
        attribute("DeadLetterQueue"),
        principal={"Service": "sns.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    )
    return {
        "DeadLetterQueue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": settings.dead_letter_queue,
                **({"KmsMasterKeyId": company} if company else {"SqsManagedSseEnabled": True}),
                "MessageRetentionPeriod": DEAD_LETTER_DAYS * 86400,
                "Tags": tags(settings.app),
            },
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
        },
        DEAD_LETTER_POLICY: {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [ref("DeadLetterQueue")],
                "PolicyDocument": policy([from_topics, deny_plain_http("sqs:*", attribute("DeadLetterQueue"))]),
            },
        },
        "DeadLetterAlarm": operations_alarm(
            settings,
            "dead-letters",
            "A flow was not started: look at the dead-letter queue",
            namespace="AWS/SQS",
            metric="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": attribute("DeadLetterQueue", "QueueName")},
        ),
    }


def operations_topic(settings: Settings) -> Resources:
    """The topic nightshift's own alarms go to; operators subscribe to it."""
    return {
        "OperationsTopic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "TopicName": settings.names.of("operations"),
                "KmsMasterKeyId": settings.company.key_arn or ref("Key"),
                "Tags": tags(settings.app),
            },
        },
        "OperationsTopicPolicy": topic_policy("OperationsTopic"),
    }


def operations_alarm(
    settings: Settings, name: str, description: str, *, namespace: str, metric: str, dimensions: dict[str, Json]
) -> dict[str, Json]:
    """An alarm at the first occurrence within a minute, told to the operations topic."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": settings.names.of(name),
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [ref("OperationsTopic")],
            "Tags": tags(settings.app),
        },
    }


def function_alarm(
    settings: Settings, logical_id: str, name: str, description: str, *, metric: str = "Errors"
) -> dict[str, Json]:
    """An operations alarm on a metric that Lambda itself gives of a function."""
    dimensions = {"FunctionName": ref(logical_id)}
    return operations_alarm(settings, name, description, namespace="AWS/Lambda", metric=metric, dimensions=dimensions)


def throttle_alarm(settings: Settings, logical_id: str, name: str, lost: str) -> dict[str, Json]:
    """An alarm on a function that Lambda refuses to run for lack of concurrency. lost: what goes wrong meanwhile."""
    short = f"Lambda has no concurrency left for the {name.replace('-', ' ')}: {lost}; ask AWS for a higher quota"
    return function_alarm(settings, logical_id, f"{name}-throttled", short, metric="Throttles")


def state_machine_logs(settings: Settings) -> Resources:
    """The log group of all state machines."""
    return {LOGS: log_group(settings, settings.state_machine_log_group, tags(settings.app))}
