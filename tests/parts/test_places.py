"""Where AWS's console shows a run."""

from __future__ import annotations

import pytest

from lambdas.contract.places import console_url


@pytest.mark.parametrize(
    ("run_id", "address"),
    [
        ("local:1", ""),
        ("arn:aws-cn:states:cn-north-1:1:execution:f:r", "https://cn-north-1.console.amazonaws.cn/states/home"),
    ],
)
def test_the_console_address(run_id: str, address: str) -> None:
    assert console_url(run_id).startswith(address)
    assert bool(console_url(run_id)) == bool(address)
