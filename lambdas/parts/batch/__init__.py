"""Parts for AWS Batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.batch.submit_job import submit_job as submit_job

load_when_used(__name__)
