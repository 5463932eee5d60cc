"""Parts for AWS Organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.organizations.list_accounts import list_accounts as list_accounts

load_when_used(__name__)
