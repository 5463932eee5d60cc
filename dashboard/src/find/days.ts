/** The days of a report, as they stand in its address. */
import { dayText } from "../calendar/weeks";
import { lastDays, ownZone } from "../i18n/format";

/** Both counted, as "2026-11-01". */
export interface Days {
  since: string;
  until: string;
}

/** Days that are given: so many up to today, or those from one to another. */
export const asDays = (days: number | Days, zone: string): Days =>
  typeof days === "number" ? lastDays(days, zone) : days;

/** Months as people count them, and any days. */
export const SPANS = ["month", "lastMonth", "range"] as const;
export const USUAL = 30;
/** The API reports so many days at most. */
const MOST = 400;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** How many days up to today are chosen, or which other span; an address that somebody wrote by hand may hold anything. */
export function chosenSpan(chosen: URLSearchParams): number | (typeof SPANS)[number] {
  const text = chosen.get("when") ?? "";
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return SPANS.find((span) => span === text) ?? (days > 0 && days < MOST ? days : USUAL);
}

/** The days that are chosen, in the time zone of the browser. */
export function daysOf(chosen: URLSearchParams, now = new Date()): Days {
  const [year, month] = [now.getFullYear(), now.getMonth()];
  const span = chosenSpan(chosen);
  switch (span) {
    case "month":
      return { since: dayText(new Date(year, month, 1)), until: dayText(now) };
    case "lastMonth":
      return { since: dayText(new Date(year, month - 1, 1)), until: dayText(new Date(year, month, 0)) };
    case "range": {
      const given = ["from", "to"].map((name) => chosen.get(name) ?? "").filter((text) => DAY.test(text));
      const [since = dayText(now), until = since] = given.sort();
      return { since, until };
    }
    default:
      return lastDays(span, ownZone(), now);
  }
}
