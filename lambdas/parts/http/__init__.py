"""Parts for systems beyond AWS, by HTTPS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.http.request import request as request

load_when_used(__name__)
