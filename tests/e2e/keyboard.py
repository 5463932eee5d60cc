"""Hands that have a keyboard and no mouse."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

_FURTHEST = 150
"""Presses of Tab after which somebody gives up; no page of the tests has more controls."""


def go_to(page: Page, target: Locator, *, back: bool = False) -> None:
    """Press Tab until the control has the focus, and see that it is where a user can see it.

    target: one control. back: go backwards, which is nearer from the foot of a page.
    """
    expect(target).to_be_visible()
    for _ in range(_FURTHEST):
        if target.evaluate("control => control === document.activeElement"):
            expect(target).to_be_in_viewport()
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the keyboard does not reach {target} in {_FURTHEST} presses of Tab")


def press(page: Page, target: Locator, key: str = "Enter", *, back: bool = False) -> None:
    """Go to a control and press a key there."""
    go_to(page, target, back=back)
    page.keyboard.press(key)


def fill(page: Page, target: Locator, text: str) -> None:
    """Go to a field and type a text in the place of what is there."""
    go_to(page, target)
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)
    expect(target).to_have_value(text)
