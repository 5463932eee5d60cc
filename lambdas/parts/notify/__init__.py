"""Parts that tell people."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part
from lambdas.engine.selection import parse_ids
from lambdas.parts.notify._mail import Mail, render
from lambdas.parts.notify._memory import Memory

_MOST_RECIPIENTS = 50
_sent: Memory[EmailResult] = Memory()
_published: Memory[PublishResult] = Memory()

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")
# Amazon SNS API Reference, "Publish".
_MOST_BYTES = 262144
_LONGEST_SUBJECT = 99


@dataclass
class EmailResult(Result):
    """Result of notify.email.

    changed: addresses the mail was accepted for.
    message_id: SES's id of the mail, or "" with dry_run.
    subject: subject as sent.
    text: text of the mail as sent.
    """

    message_id: str = ""
    subject: str = ""
    text: str = ""


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
    allow=(Allow(("ses:SendEmail",), ("arn:${AWS::Partition}:ses:*:${AWS::AccountId}:identity/*",)),),
    waits=False,
)
def email(
    call: Call,
    *,
    to: str | list[str],
    subject: str | None = None,
    body: str | None = None,
    template: str | None = None,
    result: Result | list[Result] | None = None,
    **common: Unpack[Common],
) -> EmailResult:
    """Send a mail with SES.

    SES has no idempotency token, so a mail is sent at least once: a repetition is recognised while the Lambda worker
    that sent it lives, which covers a lost response; a worker that dies between SES's answer and its own sends twice.
    Every mail carries the header X-Nightshift-Call, by which a mail system can drop the second one.

    A mail that was accepted is not yet delivered; bounces go to the sender's address.

    Parameters:
    to: addresses, as a list or as "a@example.com;b@example.com", at most 50.
    subject: default: the template's, else the flow and the summary of the result.
    body: text; with a result it stands before it.
    template: name of a template in flow_defs/templates, without .txt.mustache; default: one that shows any result.
    result: the result of a part, or a list of results.

    Result: EmailResult.

    Errors:
    PartFailed: SES rejected an address or the sender; while the account is in the SES sandbox both have to be verified.
    InvalidParameter: there is no such template, no recipient, or no sender is configured.
    """
    addresses = parse_ids(to) or []
    if not addresses or len(addresses) > _MOST_RECIPIENTS:
        raise InvalidParameter(f"to has {len(addresses)} addresses; SES takes 1 to {_MOST_RECIPIENTS} in a mail")
    mail = render(call.run, subject=subject, body=body, template=template, results=_results(result))
    key = (call.run.id, call.run.key, mail)
    if not call.dry_run and (told := _sent.get(key)):
        return told
    outcome = EmailResult(matched=addresses, subject=mail.subject, text=mail.text)
    if call.dry_run:
        outcome.changed = addresses
        outcome.summary = f"would mail {', '.join(addresses)}: {mail.subject}"
        return outcome
    _send(call, mail, outcome)
    outcome.summary = f"mailed {', '.join(outcome.changed) or 'nobody'}: {mail.subject}"
    return _sent.keep(key, outcome)


@part(
    # The topic is known only when the flow runs.
    allow=(Allow(("sns:Publish",), ("arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*",)),),
    waits=False,
)
def publish(
    call: Call,
    *,
    topic_arn: str,
    subject: str | None = None,
    message: str | None = None,
    template: str | None = None,
    result: Result | list[Result] | None = None,
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
    result: the result of a part, or a list of results.

    Result: PublishResult.

    Errors:
    PartFailed: the topic does not exist, or SNS refused the message (its reason is given).
    AccessDenied: the role, or the policy of the topic, does not allow it.
    InvalidParameter: topic_arn is no ARN of a topic, there is nothing to publish, or it is larger than 256 KiB.
    """
    topic = _TOPIC.fullmatch(topic_arn)
    if topic is None:
        raise InvalidParameter(f"topic_arn={topic_arn!r} is no ARN of an SNS topic (arn:aws:sns:REGION:ACCOUNT:NAME)")
    mail = _message(call, subject, message, template, _results(result))
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


def forget() -> None:
    """Forget what was told, as a new worker does not know it."""
    _sent.forget()
    _published.forget()


def _results(result: Any) -> list[dict[str, Any]]:
    results = result if isinstance(result, list) else [result] if result is not None else []
    as_json = [r.to_json() if isinstance(r, Result) else r for r in results]
    if not all(isinstance(r, dict) for r in as_json):
        raise InvalidParameter("result takes what a part returned, or a list of such results")
    return as_json


def _send(call: Call, mail: Mail, outcome: EmailResult) -> None:
    """Send to all; an address that SES names as refused is dropped and the rest sent to."""
    sender = os.environ.get("NIGHTSHIFT_MAIL_FROM", "")
    if not sender:
        raise InvalidParameter("no sender is configured: deploy with -c mail_from=ADDRESS, verified in SES")
    client = call.client("sesv2")
    body = {"Text": {"Data": mail.text, "Charset": "UTF-8"}}
    if mail.html:
        body["Html"] = {"Data": mail.html, "Charset": "UTF-8"}
    header = {"Name": "X-Nightshift-Call", "Value": re.sub(r"[^!-~]", "_", f"{call.run.id}/{call.run.key}")[:870]}
    simple = {"Subject": {"Data": mail.subject, "Charset": "UTF-8"}, "Body": body, "Headers": [header]}
    rest = list(outcome.matched)
    while rest:
        try:
            answer = client.send_email(
                FromEmailAddress=sender, Destination={"ToAddresses": rest}, Content={"Simple": simple}
            )
        except Exception as error:
            code, text = aws_errors.code(error), aws_errors.message(error)
            if code not in ("MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException"):
                raise
            refused = [a for a in rest if a in text] or rest
            outcome.failed += [Failure(a, code, text) for a in refused]
            rest = [a for a in rest if a not in refused]
        else:
            outcome.changed, outcome.message_id = rest, answer["MessageId"]
            outcome.responses = {"SendEmailResponse": {"MessageId": answer["MessageId"]}}
            break
