import { describe, expect, it } from "vitest";

import { every, fingerprint, lastChange, nextLook } from "../src/api/polling";
import en from "../src/i18n/en";
import { lastDays, makeFormat } from "../src/i18n/format";
import ja from "../src/i18n/ja";
import { everyDay, roundUnit, success } from "../src/panels/outcomes";
import { byName, ticks } from "../src/panels/timeline";

const HOUR = 3_600_000;

describe("a duration", () => {
  it.each([
    [0, "0 s", "0秒"],
    [1.24, "1.2 s", "1.2秒"],
    [59, "59 s", "59秒"],
    [61, "1 min 1 s", "1分1秒"],
    [3600, "1 h", "1時間"],
    [3605, "1 h", "1時間"],
    [7_500, "2 h 5 min", "2時間5分"],
    [90_000, "1 d 1 h", "1日1時間"],
  ])("of %d s is said in two units", (seconds, english, japanese) => {
    expect(makeFormat("en", en.words).duration(seconds)).toBe(english);
    expect(makeFormat("ja", ja.words).duration(seconds)).toBe(japanese);
  });
});

describe("a moment of a short run", () => {
  it("is told to the second", () => {
    expect(makeFormat("en", en.words).exact("2026-11-24T10:37:05Z")).toMatch(/^24 Nov, \d\d:37:05$/);
    expect(makeFormat("ja", ja.words).clockExact("2026-11-24T10:37:05Z")).toMatch(/^\d\d:37:05$/);
    expect(makeFormat("en", en.words).zone()).toMatch(/^\w+.* \((GMT|UTC).*\)$/);
  });
});

describe("an axis of durations", () => {
  it("counts in the unit in which its marks are round", () => {
    expect([50, 500, 9_000].map(roundUnit)).toEqual([1, 60, 3600]);
  });
});

describe("the days of a report", () => {
  it("end today in the time zone", () => {
    const late = new Date("2026-03-02T23:30:00Z");
    expect(lastDays(7, "UTC", late)).toEqual({ since: "2026-02-24", until: "2026-03-02" });
    expect(lastDays(1, "Asia/Tokyo", late)).toEqual({ since: "2026-03-03", until: "2026-03-03" });
    expect(lastDays(1, "America/New_York", new Date("2026-03-02T00:10:00Z")).until).toBe("2026-03-01");
  });

  it("are as many where the clock changes", () => {
    const after = new Date("2026-03-29T22:30:00Z");
    expect(lastDays(2, "Europe/Berlin", after)).toEqual({ since: "2026-03-29", until: "2026-03-30" });
    expect(lastDays(2, "Europe/Berlin", new Date("2026-10-25T23:30:00Z")).since).toBe("2026-10-25");
  });

  it("are all there, also those without a run", () => {
    const days = everyDay("2026-02-27", "2026-03-02", [{ day: "2026-03-01" }]);
    expect(days.map(({ day }) => day)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]);
    expect(days.map(({ data }) => data?.day)).toEqual([undefined, undefined, "2026-03-01", undefined]);
  });
});

describe("the share of success", () => {
  const none = { running: 0, succeeded: 0, failed: 0, timed_out: 0, aborted: 0, skipped: 0, total: 0 };

  it("is of the runs that were to do something", () => {
    expect(success({ ...none, succeeded: 3, failed: 1, skipped: 40, running: 2 })).toBe("75 %");
    expect(success({ ...none, skipped: 4, running: 1 })).toBeNull();
  });
});

describe("the time line", () => {
  it("has no more marks than there is room for, at full hours within it", () => {
    const since = new Date(2026, 10, 24, 9, 40).getTime();
    const marks = ticks(since, since + 24 * HOUR, 6);
    expect(marks.map(({ time }) => time.getHours())).toEqual([12, 18, 0, 6]);
    expect(marks.filter(({ day }) => day)).toHaveLength(1);
    for (const { at } of marks) expect(at).toBeGreaterThanOrEqual(0);
    for (const { at } of marks) expect(at).toBeLessThanOrEqual(100);
  });

  it("names no mark that is so near to the end that its name would be cut", () => {
    const since = new Date(2026, 10, 28, 4, 50).getTime();
    const marks = ticks(since, since + 48 * HOUR, 4);
    expect(marks.map(({ time, room }) => [time.getHours(), room])).toEqual([
      [12, true],
      [0, true],
      [12, true],
      [0, false],
    ]);
  });

  it("has days for a month", () => {
    const since = new Date(2026, 10, 24, 9, 40).getTime();
    const marks = ticks(since, since + 744 * HOUR, 12);
    expect(marks.length).toBeLessThanOrEqual(12);
    expect(marks.every(({ day }) => day)).toBe(true);
  });

  it("has a row for each flow, in the order of their first runs", () => {
    expect([...byName(["b1", "a1", "b2"], (run) => run.charAt(0))]).toEqual([
      ["b", ["b1", "b2"]],
      ["a", ["a1"]],
    ]);
  });
});

describe("looking at a run again", () => {
  it("is soon after something happened, and then less and less often", () => {
    const waits = [0, 5_000, 20_000, 60_000, HOUR].map((unchanged) => nextLook("RUNNING", unchanged, HOUR));
    expect(waits).toEqual([2_000, 2_000, 2_500, 7_500, 15_000]);
  });

  it("goes by when the run did something, not by when its page was opened", () => {
    const step = (started: string, ended: string | null) => ({ started, ended });
    const run = {
      started: "2026-11-24T10:00:00Z",
      steps: [step("2026-11-24T10:00:01Z", "2026-11-24T10:05:00Z"), step("2026-11-24T10:04:00Z", null)],
    } as never;
    const last = Date.parse("2026-11-24T10:05:00Z");
    expect(lastChange(run, last + HOUR)).toBe(last);
    expect(nextLook("RUNNING", last + HOUR - lastChange(run, last + HOUR), HOUR)).toBe(15_000);
    // The clock of the server may be ahead.
    expect(lastChange(run, last - HOUR)).toBe(last - HOUR);
  });

  it("is soon where it failed, so that the page recovers", () => {
    expect(every(300_000)({ state: { error: null } })).toBe(300_000);
    expect(every(300_000)({ state: { error: new Error("no network") } })).toBe(10_000);
  });

  it("ends with the run, but for a moment not when it was redriven", () => {
    expect(nextLook("FAILED", 0, HOUR)).toBe(false);
    expect(nextLook("FAILED", 0, 1_000)).toBe(2_000);
  });

  it("takes a poll of a part for news, but not that time goes by", () => {
    const step = { label: "a", state: "waiting", looks: 1, items_done: null, duration: 1 };
    const run = (change: object) => ({ state: "RUNNING", steps: [{ ...step, ...change }] }) as never;
    expect(fingerprint(run({ duration: 9 }))).toBe(fingerprint(run({})));
    expect(fingerprint(run({ looks: 2 }))).not.toBe(fingerprint(run({})));
  });
});
