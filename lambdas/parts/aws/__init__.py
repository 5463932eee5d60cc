"""Parts for every operation of every service of AWS, where there is no part made for the purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.aws.call import call as call
    from lambdas.parts.aws.poll import poll as poll
    from lambdas.parts.aws.wait import wait as wait

load_when_used(__name__)
