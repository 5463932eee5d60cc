"""Signing in to the page with Cognito's hosted pages, which the test plays: the browser reaches nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from playwright.sync_api import Browser, Route, expect

from lambdas.dashboard.headers import page_policy
from tests.e2e.browser import ROOT, chromium

HOME = "https://dashboard.example/"
ISSUER = "https://cognito-idp.example/pool"
DOMAIN = "sign-in.example"
CLIENT = "client-1"
ME = {"name": "ito", "email": None, "groups": ["service-desk"], "admin": False, "titles": [], "boards": []} | {
    "app": "nightshift"
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


class Cognito:
    """The user pool: it notes what it was asked, and hands tokens out to who can prove to have begun the sign-in."""

    def __init__(self, provider: str = "") -> None:
        self.provider = provider
        self.asked: dict[str, str] = {}
        self.bearers: set[str | None] = set()
        self.signed_out: dict[str, str] = {}

    def answer(self, route: Route) -> None:
        """Be everything that the browser can reach."""
        url = urlparse(route.request.url)
        at = f"{url.scheme}://{url.netloc}{url.path}"
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if at == f"{ISSUER}/.well-known/openid-configuration":
            self._json(route, _CONFIGURATION)
        elif at == f"https://{DOMAIN}/oauth2/authorize":
            self.asked = query
            back = urlencode({"code": "code-1", "state": query["state"]})
            route.fulfill(status=302, headers={"location": f"{query['redirect_uri']}?{back}"})
        elif at == f"https://{DOMAIN}/oauth2/token":
            self._token(route)
        elif at == f"https://{DOMAIN}/oauth2/revoke":
            self._json(route, {})
        elif at == f"https://{DOMAIN}/logout":
            self.signed_out = query
            route.fulfill(body="signed out")
        elif url.path.startswith("/api/"):
            self.bearers.add(route.request.headers.get("authorization"))
            region = {"region": "eu-west-1", "account": "1"}
            nothing: dict[str, Any] = {
                name: [] for name in ("flows", "presets", "approvals", "items", "runs", "resources")
            }
            board = {"version": 0, "panels": None, "default": None}
            self._json(route, {**ME, **region} if url.path == "/api/me" else nothing | board)
        elif url.path == "/config.json":
            config = {"auth": "cognito", "authority": ISSUER, "domain": DOMAIN, "client_id": CLIENT}
            self._json(route, config | ({"provider": self.provider} if self.provider else {}))
        else:
            _file(route, url.path.lstrip("/") or "index.html")

    def _token(self, route: Route) -> None:
        given = {name: values[0] for name, values in parse_qs(route.request.post_data or "").items()}
        proof = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        if given["code"] != "code-1" or proof.decode() != self.asked["code_challenge"]:
            route.fulfill(status=400, json={"error": "invalid_grant"}, headers={"access-control-allow-origin": "*"})
            return
        who = {"sub": "ito", "iss": ISSUER, "aud": CLIENT, "iat": int(time.time()), "exp": int(time.time()) + 3600}
        head, claims = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in ({"alg": "RS256"}, who))
        tokens = {"access_token": "access-1", "refresh_token": "refresh-1", "id_token": f"{head}.{claims}.signature"}
        self._json(route, {**tokens, "token_type": "Bearer", "expires_in": 3600, "scope": "openid email"})

    @staticmethod
    def _json(route: Route, value: Any) -> None:
        route.fulfill(json=value, headers={"access-control-allow-origin": "*"})


_CONFIGURATION = {
    "issuer": ISSUER,
    "authorization_endpoint": f"https://{DOMAIN}/oauth2/authorize",
    "token_endpoint": f"https://{DOMAIN}/oauth2/token",
    "revocation_endpoint": f"https://{DOMAIN}/oauth2/revoke",
}


def test_a_user_signs_in_comes_back_to_the_page_asked_for_and_signs_out(browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    cognito = Cognito()
    context.route("**/*", cognito.answer)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)

    page.goto(f"{HOME}#/flows")
    expect(page.get_by_role("heading", level=1)).to_have_text("What you can start")
    asked = cognito.asked
    assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
    assert (asked["redirect_uri"], asked["scope"]) == (HOME, "openid email")
    assert asked["code_challenge_method"] == "S256"
    assert page.url == f"{HOME}#/flows"
    assert cognito.bearers == {"Bearer access-1"}

    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you can start")
    assert troubles == []

    page.get_by_role("button", name="User: ito").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_text("signed out")).to_be_visible()
    assert cognito.signed_out == {"client_id": CLIENT, "logout_uri": HOME}
    context.close()


@pytest.mark.parametrize(
    ("button", "provider"), [("Sign in with Company", "Company"), ("Sign in as a local user", "COGNITO")]
)
def test_who_has_a_provider_chooses(browser: Browser, button: str, provider: str) -> None:
    context = browser.new_context(locale="en-GB")
    cognito = Cognito("Company")
    context.route("**/*", cognito.answer)
    page = context.new_page()
    page.goto(f"{HOME}#/flows")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What you can start")
    assert cognito.asked["identity_provider"] == provider
    assert page.url == f"{HOME}#/flows"
    context.close()


def _file(route: Route, name: str) -> None:
    path = ROOT / "dashboard/dist" / name
    assert path.is_file(), f"{name} is not in the bundle; `make dashboard` builds it"
    policy = page_policy([ISSUER.rpartition("/")[0], f"https://{DOMAIN}"])
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    route.fulfill(body=path.read_bytes(), headers={"content-type": kind, "content-security-policy": policy})
