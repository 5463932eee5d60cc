"""Parts for objects in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.s3.delete_object import delete_object as delete_object
    from lambdas.parts.s3.get_object import get_object as get_object
    from lambdas.parts.s3.put_object import put_object as put_object

load_when_used(__name__)
