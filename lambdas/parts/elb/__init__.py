"""Parts for load balancers."""

from __future__ import annotations

from lambdas.parts.elb.attach import attach as attach
from lambdas.parts.elb.detach import detach as detach
