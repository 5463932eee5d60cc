"""Parts that tell people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.notify.email import email as email
    from lambdas.parts.notify.publish import publish as publish

load_when_used(__name__)
