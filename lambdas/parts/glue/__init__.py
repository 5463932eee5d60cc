"""Parts for AWS Glue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.glue.start_job_run import start_job_run as start_job_run

load_when_used(__name__)
