"""Who is asking."""

from __future__ import annotations

from lambdas.dashboard.models.common import Answer


class FlowTitle(Answer):
    """What people call a flow in either language; null where `@flow` says nothing."""

    flow: str
    title: str | None
    title_ja: str | None


class Me(Answer):
    """The user.

    groups: Cognito's. admin: sees and may do everything; anyone else is an operator of the flows of their groups.
    titles: of the flows they may see that have any. boards: groups whose default boards they arrange. app: what the app
    is called. region, account: where it runs.
    """

    name: str
    email: str | None
    groups: list[str]
    admin: bool
    titles: list[FlowTitle]
    boards: list[str]
    app: str
    region: str
    account: str
