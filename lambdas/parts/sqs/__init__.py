"""Parts for SQS queues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.sqs.send_message import send_message as send_message

load_when_used(__name__)
