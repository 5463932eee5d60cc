"""The dependency layer: locked, reproducible, and of use on the Python that tests and the local AWS run on."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import botocore
import pytest

from stacks.template.archives import read_tree, write_zip
from stacks.template.layer import LOCK, layer_archive


@pytest.fixture(scope="module")
def archive() -> Path:
    """The layer."""
    return layer_archive()


def test_the_lock_has_versions_and_hashes_and_no_index() -> None:
    text = LOCK.read_text().replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert requirements
    assert all(re.match(r"[a-z0-9-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in requirements)
    assert "://" not in text


def test_it_leaves_the_sdk_to_the_runtime(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        packages = {name.split("/")[1] for name in content.namelist()}
    assert {"aws_lambda_powertools", "aws_xray_sdk", "pystache", "wrapt"} <= packages
    assert not packages & {"boto3", "botocore", "urllib3", "dateutil"}
    assert archive.stat().st_size < 2_000_000


def test_compiled_modules_are_for_lambda(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        compiled = [name for name in content.namelist() if name.endswith((".so", ".pyd"))]
    assert compiled
    assert all(name.endswith(".cpython-313-aarch64-linux-gnu.so") for name in compiled)


def test_it_is_built_the_same_twice(archive: Path, tmp_path: Path) -> None:
    again = layer_archive(cache=tmp_path)
    assert again.name == archive.name
    assert again.read_bytes() == archive.read_bytes()
    assert list(tmp_path.iterdir()) == [again]


def test_every_package_runs_without_its_compiled_modules(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        content.extractall(tmp_path)
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from aws_lambda_powertools import Logger, Metrics, Tracer\n"
        "import aws_xray_sdk.core, pystache, wrapt\n"
        "assert pystache.render('{{x}}', {'x': 1}) == '1'\n"
        "@wrapt.decorator\n"
        "def twice(function, instance, args, kwargs): return 2 * function(*args, **kwargs)\n"
        "assert twice(lambda: 21)() == 42\n"
        "print(wrapt.__file__)\n"
    )
    # botocore is the runtime's; nothing else of this environment may help.
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    site_packages = Path(botocore.__file__).parents[1]
    for package in ("boto3", "botocore", "dateutil", "s3transfer", "six.py", "urllib3"):
        (runtime / package).symlink_to(site_packages / package)
    paths = [str(tmp_path / "python"), str(runtime)]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))


def test_wheels_that_cannot_be_had_are_reported(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"nightshift-does-not-exist==1 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(RuntimeError, match="pip could not fetch the wheels"):
        layer_archive(lock, tmp_path / "cache")


def test_archives_depend_on_content_alone(tmp_path: Path) -> None:
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    write_zip(first, {"a": b"1", "b": b"2"})
    write_zip(second, {"b": b"2", "a": b"1"})
    assert first.read_bytes() == second.read_bytes()


def test_a_tree_is_read_without_what_python_leaves_behind(tmp_path: Path) -> None:
    (tmp_path / "parts" / "__pycache__").mkdir(parents=True)
    (tmp_path / "parts" / "__pycache__" / "ec2.pyc").write_text("")
    (tmp_path / "parts" / "ec2.py").write_text("x")
    (tmp_path / "requirements.lock").write_text("")
    assert read_tree(tmp_path, into="lambdas") == {"lambdas/parts/ec2.py": b"x"}
