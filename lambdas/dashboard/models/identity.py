"""Who is asking."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer


class Me(Answer):
    """The user.

    groups: Cognito's. admin: sees and may do everything; anyone else is an operator of the flows of their groups.
    app: the app's prefix. region, account: where it runs.
    """

    name: str
    email: str | None
    groups: list[str]
    admin: bool
    app: str
    region: str
    account: str
