/** What a dry run says of the statements behind a question, also of those in a loop or a branch. */
import { expect, test } from "vitest";

import type { RunDetail } from "../src/api/types";
import { told } from "../src/approvals/would";
import { node } from "./tree-nodes";

const TREE = [
  node("start", "part", null, "ec2.start_instances"),
  node("side", "parallel"),
  node("left", "branch", "side"),
  node("stop", "part", "left", "ec2.stop_instances"),
  node("each host", "each", "left"),
  node("if", "if", "each host"),
  node("reboot", "part", "if", "ec2.reboot_instances"),
];
const result = (part: string, changed: string[]) => ({ part, matched: changed, changed, skipped: [], failed: [] });
const counts = (changed: number) => ({ matched: changed, changed, skipped: 0, failed: 0 });
const step = (name: string, more: object) =>
  ({ name, label: name, error: null, counts: null, result: null, ...more }) as RunDetail["steps"][number];

const said = (name: string, ...steps: RunDetail["steps"]) => {
  const found = TREE.find(({ id }) => id === name);
  return found && told(found, TREE, steps);
};

test("a step tells of itself, each of its passes by itself", () => {
  const steps = [1, 2].map((n) => step("start", { label: `start (${n})`, counts: counts(n) }));
  expect(said("start", ...steps)).toEqual([
    { key: "start (1)", error: null, counts: counts(1), result: null, together: false },
    { key: "start (2)", error: null, counts: counts(2), result: null, together: false },
  ]);
  expect(said("start")).toEqual([]);
});

test("of what runs side by side the results of its part are told, those of loops as of all items", () => {
  const stopped = result("ec2.stop_instances", ["i-1"]);
  const rebooted = [result("ec2.reboot_instances", ["i-2", "i-3"]), result("ec2.reboot_instances", ["i-4"])];
  const side = step("side", { counts: counts(3), result: [stopped, [...rebooted, null, "text"]] });
  expect(said("stop", side)).toEqual([
    { key: "side 0", error: null, counts: counts(1), result: stopped, together: false },
  ]);
  const all = { matched: ["i-2", "i-3", "i-4"], changed: ["i-2", "i-3", "i-4"], skipped: [], failed: [] };
  expect(said("reboot", side)).toEqual([
    { key: "side 0", error: null, counts: counts(3), result: all, together: true },
  ]);
  expect(said("if", side), "a test calls nothing").toEqual([]);
  expect(said("reboot", step("side", { result: "by reference" }))).toEqual([]);
});
