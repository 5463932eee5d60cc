"""Parts for Amazon ECS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ecs.run_task import run_task as run_task
    from lambdas.parts.ecs.update_service import update_service as update_service

load_when_used(__name__)
