"""Mails, by SES."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Unpack

from lambdas.contract import aws_errors
from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Failure, Result, part
from lambdas.contract.result import FanOut
from lambdas.engine.recipients import mail_sender, named_in, recipients
from lambdas.parts.notify._mail import Mail, as_json, render
from lambdas.parts.notify._memory import Memory
from lambdas.parts.notify._permissions import SENT_WITH

_MOST_RECIPIENTS = 50
_sent: Memory[EmailResult] = Memory()


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


@part(
    allow=(Allow(("ses:SendEmail",), SENT_WITH),),
    cost="SES bills by the mail and recipient.",
    waits=False,
)
def email(
    call: Call,
    *,
    to: str | list[str],
    subject: str | None = None,
    body: str | None = None,
    template: str | None = None,
    result: Result | list[Result] | FanOut[Any, Any] | None = None,
    **common: Unpack[Common],
) -> EmailResult:
    """Send a mail with SES.

    SES has no idempotency token, so a mail is sent at least once: a repetition is recognised while the Lambda worker
    that sent it lives, which covers a lost response; a worker that dies between SES's answer and its own sends twice.
    Every mail carries the header X-Nightshift-Call, by which a mail system can drop the second one.

    A mail that was accepted is not yet delivered; bounces go to the sender's address.

    Parameters:
    to: addresses, as a list or as "a@example.com; Jane Doe <jane@example.com>", at most 50.
    subject: default: the template's, else the flow and the summary of the result.
    body: text; with a result it stands before it.
    template: name of a template in flow_defs/templates, without .txt.mustache; default: one that shows any result.
    result: the result of a part, a list of results, or what for_each with guard rails gives: a table of the accounts
        and Regions in which something failed, why, and what to do; those in which all went well in one line.

    Result: EmailResult.

    Errors:
    PartFailed: SES rejected an address or the sender; while the account is in the SES sandbox both have to be verified.
    InvalidParameter: there is no such template, no recipient, or no sender is configured.

    Example:
        from lambdas.parts import ec2, notify
        from nightshift import cron, flow


        @flow(schedule=cron("0 22 * * ? *", timezone="Asia/Tokyo"), timeout="1h")
        def stop_and_report():
            \"\"\"Stop the office-hours instances, and mail which of them were stopped.\"\"\"
            stopped = ec2.stop_instances(tag="AutoOff=yes")
            notify.email(to=["ops@example.com", "owner@example.com"], subject="stopped for the night", result=stopped)
    """
    addresses = recipients(to)
    if not addresses or len(addresses) > _MOST_RECIPIENTS:
        raise InvalidParameter(f"to has {len(addresses)} addresses; SES takes 1 to {_MOST_RECIPIENTS} in a mail")
    mail = render(call.run, subject=subject, body=body, template=template, results=as_json(result))
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


def _send(call: Call, mail: Mail, outcome: EmailResult) -> None:
    """Send to all; an address that SES names as refused is dropped and the rest sent to."""
    sender = mail_sender()
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
            refused = named_in(text, rest) or rest
            outcome.failed += [Failure(a, code, text) for a in refused]
            rest = [a for a in rest if a not in refused]
        else:
            outcome.changed, outcome.message_id = rest, answer["MessageId"]
            outcome.responses = {"SendEmailResponse": {"MessageId": answer["MessageId"]}}
            break
