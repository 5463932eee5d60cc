"""The headers that tell browsers what to refuse: those of the API's answers, and those of the page.

Sources: OWASP Application Security Verification Standard 4.0.3, V14.4, and the OWASP HTTP Headers Cheat Sheet.
"""

from __future__ import annotations

from collections.abc import Iterable

SECURITY = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""Of every answer."""

API = {**SECURITY, "cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'"}
"""Of the answers of the API: they are data, and nobody else's to keep."""


def page_policy(connect: Iterable[str] = ()) -> str:
    """The content security policy of the page.

    connect: origins besides its own that the page may talk to. Cloudscape positions things by style attributes, which
    is what 'unsafe-inline' of style-src is for; scripts are from the page's own files alone.
    """
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(("connect-src 'self'", *connect)),
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
