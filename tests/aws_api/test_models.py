"""The models of AWS's services, as they are read without botocore."""

from __future__ import annotations

import subprocess
import sys

import pytest
from botocore import xform_name
from botocore.session import get_session

from nightshift.aws_api.models import model, services
from nightshift.aws_api.names import snake


def test_every_operation_and_waiter_has_the_name_that_boto3_gives_it() -> None:
    names = [operation.name for service in services() for operation in model(service).operations.values()]
    assert len(names) > 15_000
    assert {name: snake(name) for name in names if snake(name) != xform_name(name)} == {}


@pytest.mark.parametrize("service", ["ec2", "rds", "s3", "stepfunctions"])
def test_a_model_is_that_of_botocore(service: str) -> None:
    theirs = get_session().get_service_model(service)
    for operation in model(service).operations.values():
        shape = theirs.operation_model(operation.name).input_shape
        assert set(operation.parameters) == set(shape.members if shape else ())
        assert {m.name for m in operation.parameters.values() if m.required} == set(
            shape.required_members if shape else ()
        )


def test_there_is_no_service_of_that_name() -> None:
    with pytest.raises(KeyError):
        model("rsd")


def test_compiling_a_call_imports_no_sdk() -> None:
    code = (
        "import sys\nfrom nightshift.compiler import compile_file\n"
        "compile_file('docs/snippets/aws_call.py')\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
