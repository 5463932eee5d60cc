/** The filters of runs in an address, their time ranges, and what is taken along as CSV. */
import { expect, test } from "vitest";

import { toCsv } from "../src/export/csv";
import { allPages, MOST } from "../src/export/pages";
import { monthAway, weeksOf } from "../src/calendar/weeks";
import { filterOf } from "../src/find/filter";
import { rangeBetween, rangeOf } from "../src/find/periods";

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

test("an address holds all filters, and what is none is left out", () => {
  const asked = "flow=stop&state=FAILED&trigger=alarm&by=ali&resource=i-0abc&sort=longest&from=2026-01-01&when=range";
  expect(filterOf(new URLSearchParams(asked), NOW)).toEqual({
    flow: "stop",
    state: "FAILED",
    trigger: "alarm",
    by: "ali",
    resource: "i-0abc",
    account: "",
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
  for (const sign of ["=", "+", "-", "@", "\t", "\r"]) expect(toCsv([{ a: `${sign}1` }])).toContain(`'${sign}1`);
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
