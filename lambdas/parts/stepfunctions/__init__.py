"""Parts for state machines of Step Functions that are no flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.stepfunctions.start_execution import start_execution as start_execution

load_when_used(__name__)
