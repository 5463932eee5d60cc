"""Parts for Route 53."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.route53.change_resource_record_sets import (
        change_resource_record_sets as change_resource_record_sets,
    )

load_when_used(__name__)
