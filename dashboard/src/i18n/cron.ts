/** The fields of a cron expression of EventBridge Scheduler, and what they choose. */

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** A part of a list: one value, a span, or every `step`th from `from` on; a span or step without end has no `to`. */
export interface Item {
  from: number;
  to?: number;
  step?: number;
}

interface Field {
  low: number;
  high: number;
  names?: readonly string[];
}

export const MINUTE: Field = { low: 0, high: 59 };
export const HOUR: Field = { low: 0, high: 23 };
export const DATE: Field = { low: 1, high: 31 };
export const MONTH: Field = { low: 1, high: 12, names: MONTHS };
/** EventBridge counts the days of a week from Sunday, 1 ("Cron-based schedules", EventBridge Scheduler User Guide). */
export const DAY: Field = { low: 1, high: 7, names: DAYS };
export const YEAR: Field = { low: 1970, high: 2199 };

export const any = (field: string): boolean => field === "*" || field === "?";

/** What a field lists; null for what is no list of values, spans and steps. */
export function itemsOf(text: string, field: Field): Item[] | null {
  const items = text.split(",").map((each) => itemOf(each, field));
  return items.includes(null) ? null : (items as Item[]);
}

function itemOf(text: string, field: Field): Item | null {
  const [, span = "", stepped] = /^([^/]+)(?:\/(\d+))?$/.exec(text) ?? [];
  const step = stepped === undefined ? {} : { step: Number(stepped) };
  if (span === "*") return stepped === undefined ? null : { from: field.low, ...step };
  const [first = "", last, more] = span.split("-");
  const from = valueOf(first, field);
  const to = last === undefined ? undefined : valueOf(last, field);
  if (from === null || to === null || more !== undefined) return null;
  return { from, ...(to !== undefined && { to }), ...step };
}

function valueOf(text: string, { low, high, names }: Field): number | null {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + low : /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= low && value <= high ? value : null;
}

/** All values of a field's items, in their order. */
export function valuesOf(items: readonly Item[], field: Field): number[] {
  const values = items.flatMap(({ from, to = from, step }) => {
    const end = step !== undefined && to === from ? field.high : to;
    return Array.from({ length: Math.floor((end - from) / (step ?? 1)) + 1 }, (_, at) => from + at * (step ?? 1));
  });
  return [...new Set(values)].sort((one, other) => one - other);
}
