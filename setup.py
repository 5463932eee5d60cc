"""Puts what nightshift needs beside its modules into the wheel: the built page, and the pins of its Node tools."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
PAGE = ROOT / "dashboard" / "dist"
NODE_FILES = ("package.json", "package-lock.json")


class BuildWithData(build_py):
    """`build_py` that also fills `nightshift/brought`, which a clone has not: `nightshift/installation.py` reads it."""

    def run(self) -> None:
        """Copy the modules, then what comes from elsewhere in the clone. An editable install reads the clone."""
        super().run()
        if self.editable_mode:
            return
        if not (PAGE / "index.html").is_file():
            raise SystemExit("the dashboard's page is not built; run `make wheel`, which builds it first")
        brought = Path(self.build_lib) / "nightshift" / "brought"
        shutil.rmtree(brought, ignore_errors=True)
        shutil.copytree(PAGE, brought / "page")
        for name in NODE_FILES:
            shutil.copy(ROOT / name, brought / name)


setup(cmdclass={"build_py": BuildWithData})
