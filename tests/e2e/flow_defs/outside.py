"""A system beyond AWS is told, and asked."""

from lambdas.parts import http
from nightshift import flow


@flow
def every_http_part(url: str, secret: str):
    """Open a ticket, and read it."""
    bearer = {"Authorization": "Bearer {secret}"}
    opened = http.request(
        url=url, headers=bearer, secret=secret, json={"title": "the books balance"}, idempotent=True, timeout="10m"
    )
    read = http.request(url=f"{url}/7", headers=bearer, secret=secret, method="GET")
    return [opened.status, read.body]
