"""Parts for objects in S3."""

from lambdas.parts.s3.delete_object import delete_object
from lambdas.parts.s3.get_object import get_object
from lambdas.parts.s3.put_object import put_object

__all__ = ["delete_object", "get_object", "put_object"]
