"""Parts that tell people."""

from __future__ import annotations

from lambdas.parts.notify._memory import forget as forget
from lambdas.parts.notify.email import email as email
from lambdas.parts.notify.publish import publish as publish
