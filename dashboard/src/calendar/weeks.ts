/** The days that a page of a month shows: whole weeks, from Monday on. */

const pad = (value: number) => String(value).padStart(2, "0");

/** A day as "2026-11-01". */
export const dayText = (date: Date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;

/** The month that is so many months away from the one of a day, as its first day. */
export const monthAway = (now: Date, months: number) => new Date(now.getFullYear(), now.getMonth() + months, 1);

/** The days of the weeks that a month has a day in. */
export function weeksOf(first: Date): string[][] {
  const year = first.getFullYear();
  const month = first.getMonth();
  // getDay counts from Sunday on.
  const before = (first.getDay() + 6) % 7;
  const days = new Date(year, month + 1, 0).getDate();
  const weeks = Math.ceil((before + days) / 7);
  return Array.from({ length: weeks }, (_, week) =>
    Array.from({ length: 7 }, (_, day) => dayText(new Date(year, month, 1 - before + week * 7 + day))),
  );
}
