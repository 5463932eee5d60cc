"""Messages to SNS topics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part
from lambdas.contract.result import FanOut
from lambdas.parts.notify._mail import Mail, as_json, render
from lambdas.parts.notify._memory import Memory

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
# Amazon SNS API Reference, "Publish".
_MOST_BYTES = 262144
_LONGEST_SUBJECT = 99
_published: Memory[PublishResult] = Memory()


@dataclass
class PublishResult(Result):
    """Result of notify.publish.

    changed: the topic, when it took the message.
    message_id: SNS's id of the message, or "" with dry_run.
    subject: subject as sent.
    text: message as sent.
    """

    message_id: str = ""
    subject: str = ""
    text: str = ""


@part(
    allow=(Allow(("sns:Publish",), ("arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*",), named_by="topic_arn"),),
    cost="SNS bills by the message and by what it delivers.",
    waits=False,
    one_of=(("message", "template", "result"),),
)
def publish(
    call: Call,
    *,
    topic_arn: str,
    subject: str | None = None,
    message: str | None = None,
    template: str | None = None,
    result: Result | list[Result] | FanOut[Any, Any] | None = None,
    **common: Unpack[Common],
) -> PublishResult:
    """Publish a message to an SNS topic.

    A FIFO topic gets the message once: SNS drops a repetition by its deduplication id. Another topic gets it at least
    once: a repetition is recognised while the Lambda worker that published it lives. Every message carries the
    attribute nightshift_call, by which a subscriber can drop the second one.

    The key policy of an encrypted topic has to let the role of this part use the key (kms:GenerateDataKey and
    kms:Decrypt). A message that was taken is not yet delivered; SNS tells of failed deliveries in its delivery status.

    Parameters:
    topic_arn: ARN of the topic; the message is published in the topic's region.
    subject: at most 99 characters, used in mails; default: the template's, else the flow and the summary of the result.
    message: text, at most 256 KiB; sent as it is without template and result, else it stands before the result.
    template: name of a template in flow_defs/templates, without .txt.mustache; default: one that shows any result.
    result: the result of a part, a list of results, or what for_each with guard rails gives.

    Result: PublishResult.

    Errors:
    PartFailed: the topic does not exist, or SNS refused the message (its reason is given).
    AccessDenied: the role, or the policy of the topic, does not allow it.
    InvalidParameter: topic_arn is no ARN of a topic, there is nothing to publish, or it is larger than 256 KiB.

    Example:
        from lambdas.parts import ec2, notify
        from nightshift import NightshiftError, cron, flow


        @flow(schedule=cron("0 20 ? * MON-FRI *", timezone="Europe/Berlin"), timeout="1h")
        def evening_stop_with_a_page(topic_arn: str = "arn:aws:sns:eu-central-1:123456789012:operators"):
            \"\"\"Stop the test systems, tell the team how it went, and page the operators when it went wrong.\"\"\"
            try:
                stopped = ec2.stop_instances(tag="AutoOff=yes")
            except NightshiftError as problem:
                notify.publish(topic_arn=topic_arn, subject=f"evening stop: {problem.error}", message=problem.cause)
                raise
            notify.publish(topic_arn=topic_arn, result=stopped)
    """
    topic = _TOPIC.fullmatch(topic_arn)
    if topic is None:
        raise InvalidParameter(f"topic_arn={topic_arn!r} is no ARN of an SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)")
    mail = _message(call, subject, message, template, as_json(result))
    key = (call.run.id, f"{call.run.key} {topic_arn}", mail)
    if not call.dry_run and (told := _published.get(key)):
        return told
    outcome = PublishResult(matched=[topic_arn], subject=mail.subject, text=mail.text)
    if call.dry_run:
        outcome.changed = [topic_arn]
        outcome.summary = f"would publish to {topic_arn}: {mail.subject}"
        return outcome
    _publish(call.client("sns", region=topic[1]), call, mail, outcome, fifo=bool(topic[2]))
    verb = "published to" if outcome.changed else "could not publish to"
    outcome.summary = f"{verb} {topic_arn}: {mail.subject}"
    return _published.keep(key, outcome)


def _message(
    call: Call, subject: str | None, message: str | None, template: str | None, results: list[dict[str, Any]]
) -> Mail:
    """Subject and text as SNS takes them."""
    if not (message or template or results):
        raise InvalidParameter("give message, template or result; there is nothing to publish")
    mail = render(call.run, subject=subject, body=message, template=template, results=results)
    text = mail.text if template or results else str(message)
    size = len(text.encode())
    if size > _MOST_BYTES:
        raise InvalidParameter(f"the message has {size} bytes; SNS takes {_MOST_BYTES}")
    # Only ASCII, and no line breaks.
    line = "".join(c if " " <= c <= "~" else "?" for c in mail.subject)
    return Mail(line[:_LONGEST_SUBJECT], text, "")


def _publish(client: Any, call: Call, mail: Mail, outcome: PublishResult, *, fifo: bool) -> None:
    (topic_arn,) = outcome.matched
    name = f"{call.run.id}/{call.run.key}"
    once = {"MessageGroupId": call.run.flow, "MessageDeduplicationId": sha256(name.encode()).hexdigest()}
    try:
        answer = client.publish(
            TopicArn=topic_arn,
            Subject=mail.subject,
            Message=mail.text,
            MessageAttributes={"nightshift_call": {"DataType": "String", "StringValue": name}},
            **(once if fifo else {}),
        )
    except Exception as error:
        code = aws_errors.code(error)
        refused = code.startswith(("KMS", "Invalid")) or code in ("NotFound", "EndpointDisabled")
        if not refused or aws_errors.is_throttling(error):
            raise
        outcome.failed = [Failure(topic_arn, code, aws_errors.message(error))]
    else:
        outcome.changed, outcome.message_id = [topic_arn], answer["MessageId"]
        outcome.responses = {"PublishResponse": {"MessageId": answer["MessageId"]}}
