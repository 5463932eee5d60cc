/** The filters of runs in an address, their time ranges, and what is taken along as CSV. */
import { expect, test } from "vitest";

import { toCsv } from "../src/export/csv";
import { allPages, MOST } from "../src/export/pages";
import { monthAway, weeksOf } from "../src/calendar/weeks";
import type { RunFilter } from "../src/api/queries";
import type { Run } from "../src/api/types";
import { daysOf } from "../src/find/days";
import { filterOf, readingOrder } from "../src/find/filter";
import { rangeBetween, rangeOf } from "../src/find/periods";
import { success } from "../src/panels/outcomes";

const NOW = new Date(2026, 0, 3, 14, 30);
const iso = (year: number, month: number, date: number) => new Date(year, month - 1, date).toISOString();

test("time ranges begin and end with days of the browser's zone, also over the end of a year", () => {
  expect(rangeOf("today", NOW)).toEqual({ since: iso(2026, 1, 3) });
  expect(rangeOf("7days", NOW)).toEqual({ since: iso(2025, 12, 28) });
  expect(rangeOf("lastMonth", NOW)).toEqual({ since: iso(2025, 12, 1), until: iso(2026, 1, 1) });
  expect(rangeBetween("2026-01-31", "2026-01-31")).toEqual({ since: iso(2026, 1, 31), until: iso(2026, 2, 1) });
  expect(rangeBetween("", "2026-01-31")).toEqual({ until: iso(2026, 2, 1) });
  expect(rangeBetween("soon", "")).toEqual({});
});

test("a report is of the last days, of a month, or from one day to another", () => {
  const days = (address: string) => Object.values(daysOf(new URLSearchParams(address), NOW)).join(" to ");
  expect(days("")).toBe("2025-12-05 to 2026-01-03");
  expect(days("when=1")).toBe("2026-01-03 to 2026-01-03");
  expect(days("when=month")).toBe("2026-01-01 to 2026-01-03");
  expect(days("when=lastMonth")).toBe("2025-12-01 to 2025-12-31");
  expect(days("when=range&from=2025-12-24&to=2025-12-31")).toBe("2025-12-24 to 2025-12-31");
  expect(days("when=range&from=2025-12-31&to=2025-12-24")).toBe("2025-12-24 to 2025-12-31");
  expect(days("when=range&to=2025-12-24")).toBe("2025-12-24 to 2025-12-24");
  expect(days("when=range&from=soon")).toBe("2026-01-03 to 2026-01-03");
  for (const odd of ["400", "0", "-1", "x", "1e2"]) expect(days(`when=${odd}`), odd).toBe(days(""));
});

test("an address holds all filters, and what is none is left out", () => {
  const asked =
    "flow=stop&state=FAILED&trigger=alarm&by=ali&resource=i-0abc&account=222222222222&sort=longest&from=2026-01-01&when=range";
  expect(filterOf(new URLSearchParams(asked), NOW)).toEqual({
    flow: "stop",
    state: "FAILED",
    trigger: "alarm",
    by: "ali",
    resource: "i-0abc",
    account: "222222222222",
    sort: "longest",
    since: iso(2026, 1, 1),
  });
  const odd = filterOf(new URLSearchParams("flow=a%20b&state=x&trigger=x&resource=i&account=12&sort=x&when=x"), NOW);
  expect(odd).toEqual({ flow: null, state: null, trigger: null, by: "", resource: "", account: "", sort: "newest" });
});

test("CSV has a column for each field, and no cell that is a formula", () => {
  const rows = [
    { id: "a", trigger: { by: '=HYPERLINK("x")' }, n: -1 },
    { id: 'says "no",\nthen', more: null, list: ["x"] },
    { id: "@SUM(A1)", n: 2 },
  ];
  expect(toCsv(rows)).toBe(
    'id,trigger.by,n,more,list\r\na,"\'=HYPERLINK(""x"")",-1,,\r\n"says ""no"",\nthen",,,,"[""x""]"\r\n\'@SUM(A1),,2,,\r\n',
  );
  for (const sign of ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r"])
    expect(toCsv([{ a: `${sign}1` }])).toContain(`'${sign}1`);
});

test("an object that some rows lack has no column of its own, and what is null everywhere keeps one", () => {
  const days = [
    { day: "1", durations: null, error: null, n: { of: { a: null } } },
    { day: "2", durations: { p50: 3 }, error: null, n: null },
  ];
  expect(toCsv(days)).toBe("day,error,n.of.a,durations.p50\r\n1,,,\r\n2,,,3\r\n");
});

test("all runs are read in the order of time, and put into the order that is wanted", () => {
  const run = (id: string, duration: number | null, changed: number) =>
    ({ id, duration, counts: { matched: 9, changed, skipped: 0, failed: -changed } }) as unknown as Run;
  const runs = [run("a", 5, 1), run("b", null, 3), run("c", 60, 2)];
  const taken = (sort: RunFilter["sort"]) => {
    const order = readingOrder({ sort });
    return [
      order.sort,
      order
        .arrange(runs)
        .map(({ id }) => id)
        .join(""),
    ];
  };
  expect(taken("oldest")).toEqual(["oldest", "abc"]);
  expect(taken("longest")).toEqual(["newest", "cab"]);
  expect(taken("changed")).toEqual(["newest", "bca"]);
  expect(taken("failed")).toEqual(["newest", "acb"]);
});

test("no failure is rounded away, and no success", () => {
  const of = (succeeded: number, failed: number) =>
    success({ total: 0, running: 0, skipped: 7, timed_out: 0, aborted: 0, succeeded, failed });
  expect([of(0, 0), of(5, 0), of(0, 5), of(2, 1)]).toEqual([null, "100 %", "0 %", "67 %"]);
  expect([of(999, 1), of(9_999, 1), of(1, 9_999), of(97, 3)]).toEqual(["99.9 %", "99.9 %", "0.1 %", "97 %"]);
});

test("a list is read to its end, and cut where it is too long", async () => {
  const pages = [1, 2, 3];
  const few = await allPages(async (cursor) => {
    const page = Number(cursor ?? 0);
    return Promise.resolve({ items: [pages[page]], cursor: page < 2 ? String(page + 1) : null });
  });
  expect(few).toEqual({ rows: [1, 2, 3], cut: false });
  const many = await allPages(() => Promise.resolve({ items: new Array<number>(300).fill(0), cursor: "more" }));
  expect([many.rows.length, many.cut]).toEqual([MOST, true]);
});

test("a month is whole weeks from Monday on", () => {
  const weeks = weeksOf(new Date(2026, 1, 1));
  expect([weeks[0]?.[0], weeks.at(-1)?.at(-1), weeks.length]).toEqual(["2026-01-26", "2026-03-01", 5]);
  expect(weeksOf(new Date(2027, 1, 1)).length).toBe(4);
  expect(weeksOf(monthAway(new Date(2026, 0, 31), 1))[0]?.[0]).toBe("2026-01-26");
});
