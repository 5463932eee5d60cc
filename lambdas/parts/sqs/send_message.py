"""sqs.send_message: a message to another system, by its queue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part, seconds
from lambdas.parts.notify._memory import Memory

_QUEUE = re.compile(r"arn:aws[a-z-]*:sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}(\.fifo)?)")
# "Amazon SQS message quotas" (Amazon SQS Developer Guide).
_MOST_BYTES = 1024 * 1024
_LONGEST_DELAY = 900
_MOST_ATTRIBUTES = 9
_REFUSED = ("Invalid", "Unsupported", "Kms", "KMS")
_sent: Memory[SendMessageResult] = Memory()


@dataclass
class SendMessageResult(Result):
    """Result of sqs.send_message.

    changed: the queue, when it took the message.
    message_id: SQS's id of the message, or "" with dry_run.
    """

    message_id: str = ""


@part(
    allow=(
        Allow(
            ("sqs:GetQueueUrl", "sqs:SendMessage"),
            ("arn:${AWS::Partition}:sqs:*:${AWS::AccountId}:*",),
            named_by="queue_arn",
        ),
    ),
    cost="SQS bills by the request, 64 KiB of a message each.",
    hints={"QueueDoesNotExist": "Look for the queue in the Region and account that its ARN names."},
    waits=False,
)
def send_message(
    call: Call,
    *,
    queue_arn: str,
    message: str,
    attributes: dict[str, str] | None = None,
    delay: str | int | None = None,
    message_group_id: str | None = None,
    **common: Unpack[Common],
) -> SendMessageResult:
    """Send a message to an SQS queue.

    A FIFO queue gets the message once: SQS drops a repetition by its deduplication id. Another queue gets it at least
    once: a repetition is recognised while the Lambda worker that sent it lives. Every message carries the attribute
    nightshift_call, by which a consumer can drop the second one.

    The key policy of a queue that is encrypted with a key of your own has to let the role of this part use the key
    (kms:GenerateDataKey and kms:Decrypt).

    Parameters:
    queue_arn: ARN of the queue; the message is sent in the queue's region. A queue of another account has to allow it
        by its policy.
    message: text, at most 1 MiB; often JSON.
    attributes: text attributes of the message, at most nine, by name.
    delay: how long consumers do not see it, at most 15 minutes: seconds, or "5m"; default: that of the queue. Not for a
        FIFO queue.
    message_group_id: group of a FIFO queue, in which messages keep their order; default: the name of the flow.

    Result: SendMessageResult.

    Errors:
    PartFailed: the queue does not exist, or SQS refused the message (its reason is given).
    AccessDenied: the role, or the policy of the queue, does not allow it.
    InvalidParameter: queue_arn is no ARN of a queue, or the message is empty, too large, or to be delayed too long.

    Source: "SendMessage" (Amazon SQS API Reference).

    Example:
        from lambdas.parts import ebs, sqs
        from nightshift import cron, flow

        QUEUE = "arn:aws:sqs:ap-northeast-1:123456789012:backups"


        @flow(schedule=cron("0 3 * * ? *", timezone="Asia/Tokyo"), timeout="6h")
        def backup_then_report():
            \"\"\"Snapshot the databases' volumes, and tell the reporting system which snapshots there are.\"\"\"
            made = ebs.create_snapshot(volume_tag="Role=database", keep="14d")
            sqs.send_message(queue_arn=QUEUE, message=", ".join(made.snapshot_ids), attributes={"kind": "backup"})
    """
    queue = _QUEUE.fullmatch(queue_arn)
    if queue is None:
        raise InvalidParameter(f"queue_arn={queue_arn!r} is no ARN of an SQS queue (arn:aws:sqs:REGION:ACCOUNT:NAME)")
    name = f"{call.run.id}/{call.run.key}"
    request = _request(name, message, attributes or {}, delay)
    if queue[4]:
        if delay is not None:
            raise InvalidParameter("delay is not for a message to a FIFO queue; set it on the queue")
        once = sha256(name.encode()).hexdigest()
        request |= {"MessageGroupId": message_group_id or call.run.flow, "MessageDeduplicationId": once}
    key = (name, queue_arn, message)
    if not call.dry_run and (told := _sent.get(key)):
        return told
    outcome = SendMessageResult(matched=[queue_arn])
    _send(call, queue, request, outcome)
    verb = "would send" if call.dry_run else "sent" if outcome.changed else "could not send"
    outcome.summary = f"{verb} a message to {queue_arn}"
    return outcome if call.dry_run else _sent.keep(key, outcome)


def _request(name: str, message: str, attributes: dict[str, str], delay: str | int | None) -> dict[str, Any]:
    """The message as SQS takes it, which counts its attributes, too."""
    size = len(message.encode()) + sum(len(f"{k}{v}".encode()) for k, v in attributes.items())
    if not message or size > _MOST_BYTES:
        raise InvalidParameter(f"the message has {size} bytes; SQS takes 1 to {_MOST_BYTES}")
    if len(attributes) > _MOST_ATTRIBUTES:
        raise InvalidParameter(f"{len(attributes)} attributes; a message has at most {_MOST_ATTRIBUTES} besides ours")
    if delay is not None and not 0 <= seconds(delay) <= _LONGEST_DELAY:
        raise InvalidParameter(f"delay={delay!r}; SQS delays a message for 15 minutes at most")
    texts = {**attributes, "nightshift_call": name}
    return {
        "MessageBody": message,
        "MessageAttributes": {k: {"DataType": "String", "StringValue": v} for k, v in texts.items()},
        **({} if delay is None else {"DelaySeconds": int(seconds(delay))}),
    }


def _send(call: Call, queue: re.Match[str], request: dict[str, Any], outcome: SendMessageResult) -> None:
    """Find the queue, and send unless it is a dry run; what SQS refuses is in the result."""
    client = call.client("sqs", region=queue[1])
    try:
        url = client.get_queue_url(QueueName=queue[3], QueueOwnerAWSAccountId=queue[2])["QueueUrl"]
        answer = {"MessageId": ""} if call.dry_run else client.send_message(QueueUrl=url, **request)
    except Exception as error:
        code = aws_errors.code(error).rpartition(".")[2]
        absent = code in ("QueueDoesNotExist", "NonExistentQueue")
        if not (absent or code.startswith(_REFUSED)) or aws_errors.is_throttling(error):
            raise
        outcome.failed = [Failure(queue[0], "QueueDoesNotExist" if absent else code, aws_errors.message(error))]
    else:
        outcome.changed, outcome.message_id = [queue[0]], answer["MessageId"]
        outcome.responses = {"SendMessageResponse": {"MessageId": answer["MessageId"]}}
