"""Parts for AWS Lambda; `lambda` is a word of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.awslambda.invoke import invoke as invoke

load_when_used(__name__)
