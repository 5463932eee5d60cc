/** Which resources a step touched, by the names that people have for them. */
import { expect, test } from "vitest";

import { named, touchedBy } from "../src/run/names";

test("a name stands before its id, and an id without a name alone", () => {
  const names = { "i-0abc": "web-1" };
  expect(["i-0abc", "i-0def"].map((id) => named(id, names))).toEqual(["web-1 (i-0abc)", "i-0def"]);
});

test("what was found and not changed was left", () => {
  expect(touchedBy({ matched: ["a", "b", "c"], changed: ["b"] })).toEqual({ changed: ["b"], left: ["a", "c"] });
});

test("the results of a loop are taken together", () => {
  const results = [{ matched: ["a"], changed: ["a"] }, { matched: ["b"], changed: [] }, null];
  expect(touchedBy(results)).toEqual({ changed: ["a"], left: ["b"] });
});

test("what is no list of ids names nothing", () => {
  for (const result of [null, "text", {}, { changed: { ref: "s3://x", count: 9 } }])
    expect(touchedBy(result)).toEqual({ changed: [], left: [] });
});
