"""Parts for Auto Scaling groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.autoscaling.enter_standby import enter_standby as enter_standby
    from lambdas.parts.autoscaling.exit_standby import exit_standby as exit_standby
    from lambdas.parts.autoscaling.resume_processes import resume_processes as resume_processes
    from lambdas.parts.autoscaling.start_instance_refresh import start_instance_refresh as start_instance_refresh
    from lambdas.parts.autoscaling.suspend_processes import suspend_processes as suspend_processes
    from lambdas.parts.autoscaling.update_auto_scaling_group import (
        update_auto_scaling_group as update_auto_scaling_group,
    )

load_when_used(__name__)
