"""One AWS for all cases."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

# A thousand snapshots of Amazon's images would be filtered in each description.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from moto.server import ThreadedMotoServer

from lambdas.runtime import clients as lambdas_aws
from tests.faults.injection import FaultyAws
from tests.faults.world import moto


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("NIGHTSHIFT_MAIL_FROM", "nightshift@example.com")
        patch.setenv("NIGHTSHIFT_RESULTS_BUCKET", "results")
        patch.delenv("AWS_PROFILE", raising=False)
        # The retries of reads would really pause.
        patch.setattr(lambdas_aws, "_FIRST_PAUSE", 0)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        with moto():
            faulty = FaultyAws(tmp_path_factory.mktemp("disks"), f"{host}:{port}")
            yield faulty
            faulty.exits.close()
        server.stop()
