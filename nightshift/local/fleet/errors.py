"""Errors as the EC2 API gives them ("Error codes for the Amazon EC2 API", Amazon EC2 Developer Guide)."""

from __future__ import annotations

from moto.ec2.exceptions import EC2ClientError

SERVER_ERRORS = {
    "InsufficientInstanceCapacity": 500,
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServiceException": 500,
    "RequestLimitExceeded": 503,
    "ServerException": 500,
    "Unavailable": 503,
}
"""Codes that come with an HTTP status of 5xx; all others are 400."""


def ec2_error(code: str, message: str) -> EC2ClientError:
    """The exception that moto's server turns into an EC2 error response."""
    return EC2ClientError(code, message)
