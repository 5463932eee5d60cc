/** How the page arranges what it shows. */
import { expect, test } from "vitest";

import { plain } from "../src/graph/plain";
import { firstScale, nextScale } from "../src/graph/zoom";
import { evenColumns } from "../src/ui/even";
import { withoutCalls } from "../src/ui/routes";
import { pieces } from "../src/ui/unbroken";

test("no value is alone in the last row of an overview", () => {
  expect([1, 2, 4, 5, 6, 7, 8, 9].map(evenColumns)).toEqual([1, 2, 4, 3, 4, 4, 4, 3]);
});

test("a graph begins legible on a desktop, and whole on a phone", () => {
  expect(firstScale(1_000, 500, false)).toBe(1);
  expect(firstScale(326, 1_000, false)).toBe(0.7);
  expect(firstScale(326, 1_000, true)).toBeCloseTo(0.326);
  expect(firstScale(326, 300, true)).toBe(1);
});

test("zooming goes on from the scale that is shown, and ends at the ends", () => {
  expect(nextScale(0.326, true)).toBe(0.35);
  expect(nextScale(0.326, false)).toBe(0.2);
  expect(nextScale(1.5, true)).toBeUndefined();
  expect(nextScale(0.2, false)).toBeUndefined();
});

test("ids, Regions and zones are pieces of their own", () => {
  expect(pieces("waiting for 2 (i-0123456789abcdef0, vol-01234567)")).toEqual([
    "waiting for 2 (",
    "i-0123456789abcdef0",
    ", ",
    "vol-01234567",
    ")",
  ]);
  expect(pieces("eu-west-1、ap-northeast-1a")).toEqual(["", "eu-west-1", "、", "ap-northeast-1a", ""]);
  expect(pieces("start-up of two")).toEqual(["start-up of two"]);
});

test("the text of a flow is shown without the marks of Python", () => {
  expect(plain("f'{answer.by} says no'")).toBe("“{answer.by} says no”");
  expect(plain('"done"')).toBe("“done”");
  expect(plain("result.changed")).toBe("result.changed");
  expect(plain("'a' + 'b'")).toBe("'a' + 'b'");
});

test("a message of the API does not send a reader to the API", () => {
  expect(withoutCalls("there is no such run; GET /api/runs lists them")).toBe("there is no such run");
  expect(withoutCalls("the run has ended; start the flow again")).toBe("the run has ended; start the flow again");
});
