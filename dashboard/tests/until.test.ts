/** Until when something is held, by what was chosen in a form. */
import { expect, test } from "vitest";

import { AT, momentOf, RELEASED } from "../src/holds/until";

const NOW = new Date("2026-11-27T05:00:00Z").getTime();
const at = (day: string, clock: string) => momentOf({ hours: AT, day, clock }, NOW);

test("until it is released, for some hours, or until a day and time of this browser", () => {
  expect(momentOf(RELEASED, NOW)).toBeNull();
  expect(momentOf({ ...RELEASED, hours: "4" }, NOW)).toBe("2026-11-27T09:00:00.000Z");
  expect(at("2026-12-01", "09:00")).toBe(new Date("2026-12-01T09:00:00").toISOString());
});

test("what is no moment, or none to come, is wrong", () => {
  for (const [day, clock] of [
    ["", ""],
    ["2026-12-01", ""],
    ["2026-12-01", "9"],
    ["2026-12-01", "25:00"],
    ["", "09:00"],
    ["2026-11-26", "09:00"],
  ]) {
    expect(at(day ?? "", clock ?? "")).toBeUndefined();
  }
});
