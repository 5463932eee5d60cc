/** The time ranges that runs are filtered by, in the time zone of the browser. */

export const PERIODS = ["today", "yesterday", "7days", "30days", "month", "lastMonth"] as const;
export type Period = (typeof PERIODS)[number];

export interface Range {
  since?: string;
  until?: string;
}

/** Day n of the month, counted from this one; both may be out of range, as Date takes them. */
const day = (now: Date, months: number, date: number) => new Date(now.getFullYear(), now.getMonth() + months, date);

/** The beginning of a period and, unless it goes on, its end, in ISO 8601. */
export function rangeOf(period: Period, now: Date): Range {
  const date = now.getDate();
  const [since, until] = {
    today: [day(now, 0, date)],
    yesterday: [day(now, 0, date - 1), day(now, 0, date)],
    "7days": [day(now, 0, date - 6)],
    "30days": [day(now, 0, date - 29)],
    month: [day(now, 0, 1)],
    lastMonth: [day(now, -1, 1), day(now, 0, 1)],
  }[period];
  return { ...(since && { since: since.toISOString() }), ...(until && { until: until.toISOString() }) };
}

/** The range from one day to another, both counted ("2026-11-01"); what is no day leaves its end open. */
export function rangeBetween(from: string, to: string): Range {
  const [since, until] = [midnight(from, 0), midnight(to, 1)];
  return { ...(since && { since }), ...(until && { until }) };
}

function midnight(text: string, later: number): string | null {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year ? new Date(Number(year), Number(month) - 1, Number(date) + later).toISOString() : null;
}
