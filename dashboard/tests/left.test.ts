/** How much of what is usual is left. */
import { expect, test } from "vitest";

import { leftOf } from "../src/run/left";

test("what is left is rounded up: to minutes, and to 5 seconds within the last", () => {
  expect(leftOf(240, 100)).toEqual({ left: 180, over: 0 });
  expect(leftOf(240, 180)).toEqual({ left: 60, over: 0 });
  expect(leftOf(240, 200.5)).toEqual({ left: 40, over: 0 });
  expect(leftOf(240, 239.9)).toEqual({ left: 5, over: 0 });
});

test("what takes longer than usual has nothing left", () => {
  expect(leftOf(240, 240)).toEqual({ left: 0, over: 0 });
  expect(leftOf(240, 300)).toEqual({ left: 0, over: 60 });
});
