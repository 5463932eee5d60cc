/** What is new among what is open. */
import { expect, test } from "vitest";

import { fresh } from "../src/open/news";

const item = (key: string) => ({
  flow: "backup",
  key,
  kind: "failed",
  time: "2026-11-24T13:00:00.000Z",
  run: key,
  why: null,
  what_to_do: null,
});

test("only what was not open before is news, and nothing at first", () => {
  expect(fresh(undefined, [item("a")])).toEqual([]);
  expect(fresh([item("a")], [item("b"), item("a")]).map(({ key }) => key)).toEqual(["b"]);
  expect(fresh([item("a")], [])).toEqual([]);
});
