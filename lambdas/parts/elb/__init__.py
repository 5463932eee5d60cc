"""Parts for load balancers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.elb.attach import attach as attach
    from lambdas.parts.elb.detach import detach as detach

load_when_used(__name__)
