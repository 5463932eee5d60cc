/** Schedules in words: "every day at 22:00 Tokyo" for cron(0 22 * * ? *) in Asia/Tokyo. */
import { any, DATE, DAY, HOUR, itemsOf, MINUTE, MONTH, valuesOf, YEAR, type Item } from "./cron";
import type { Language } from "./format";
import { SAY, type Days, type Say } from "./schedule-words";

/** Times of one day that are listed one by one; more are told as the minutes of hours. */
const LISTED = 6;

/** An expression of EventBridge Scheduler in words; as it is where it is none that is known. */
export function tellSchedule(expression: string, timezone: string, language: Language): string {
  const say = SAY[language];
  const zone = say.zone(timezone);
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count && unit) return say.rate(Number(count), unit as "minute" | "hour" | "day");
  const [, day, time] = /^at\((\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?\)$/.exec(expression) ?? [];
  if (day && time) return say.once(day, time, zone);
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const told = fields === undefined ? null : tellCron(fields.trim().split(/\s+/), zone, say);
  return told ?? `${expression} ${zone}`;
}

function tellCron([minute, hour, date, month, day, year]: string[], zone: string, say: Say): string | null {
  if (!minute || !hour || !date || !month || !day) return null;
  const chosen = any(day) ? tellDates(date, say) : any(date) ? tellDays(day, say) : null;
  const days = chosen && inMonths(chosen, month, say);
  const times = tellTimes(minute, hour, say);
  if (!days || !times) return null;
  const years = any(year ?? "*") ? "" : tellItems(itemsOf(year ?? "", YEAR), String, say);
  if (years === null) return null;
  return say.together(days, times, years, zone);
}

/** The days in the months that are chosen. */
function inMonths(days: Days, month: string, say: Say): string | null {
  if (any(month)) return days.everyMonth;
  const items = itemsOf(month, MONTH);
  if (items === null) return null;
  const stepped = items.some(({ step }) => step !== undefined);
  const months: Item[] = stepped ? valuesOf(items, MONTH).map((from) => ({ from })) : items;
  const single = months.every(({ to }) => to === undefined);
  if (days.dates && single && months.length * days.dates.length <= LISTED) {
    return say.everyYear(months.flatMap(({ from }) => days.dates?.map((date) => [from, date] as const) ?? []));
  }
  const named = tellItems(months, say.month, say);
  return named === null ? null : days.of(named);
}

function tellDates(date: string, say: Say): Days | null {
  if (any(date)) return say.everyDay;
  if (date === "L") return say.lastDay;
  if (date === "LW") return say.lastWeekday;
  const [, nearest] = /^(\d+)W$/.exec(date) ?? [];
  if (nearest) return say.nearestWeekday(Number(nearest));
  const items = itemsOf(date, DATE);
  const [first] = items ?? [];
  if (items === null || !first) return null;
  if (items.length === 1 && first.step !== undefined && first.to === undefined) {
    return say.everyDays(first.step, first.from);
  }
  const listed = tellItems(items, String, say);
  const single = items.every(({ to, step }) => to === undefined && step === undefined);
  return listed === null ? null : say.dates(listed, single ? items.map(({ from }) => from) : null);
}

function tellDays(field: string, say: Say): Days | null {
  const [, nth, place] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  const [, last] = /^(\w+)L$/.exec(field) ?? [];
  const [one] = itemsOf(nth ?? last ?? "", DAY) ?? [];
  if (one) return say.nthDay(say.day(one.from), place ? Number(place) : "last");
  // "L" alone is the last day of the week, which is Saturday here.
  const items = itemsOf(field === "L" ? "SAT" : field, DAY);
  const told = tellItems(items, say.day, say);
  return told === null ? null : say.weekly(told);
}

function tellTimes(minute: string, hour: string, say: Say): { told: string; clock: boolean; always: boolean } | null {
  const minutes = minute === "*" ? [{ from: 0, step: 1 }] : itemsOf(minute, MINUTE);
  const hours = hour === "*" ? null : itemsOf(hour, HOUR);
  if (minutes === null || (hour !== "*" && hours === null)) return null;
  const [first] = minutes;
  const stepped = minutes.length === 1 && first?.step !== undefined && first.to === undefined ? first : null;
  const listed = stepped ? [] : valuesOf(minutes, MINUTE);
  if (hours === null) {
    const told = stepped ? say.everyMinutes(stepped.step ?? 1, stepped.from) : say.everyHour(listed);
    return { told, clock: false, always: true };
  }
  const span = hours.length === 1 && (hours[0]?.to ?? hours[0]?.step) !== undefined ? hours[0] : null;
  const at = valuesOf(hours, HOUR);
  const [start, end] = [at[0] ?? 0, at[at.length - 1] ?? 0];
  if (stepped) {
    const every = say.everyMinutes(stepped.step ?? 1, stepped.from);
    const whole = at.length === end - start + 1;
    const within = whole ? say.between(clock(start, 0), clock(end, 59)) : say.inHours(at);
    return { told: say.within(every, within), clock: false, always: false };
  }
  if (span && listed.length === 1) {
    const from = clock(start, listed[0] ?? 0);
    const until = span.to === undefined ? null : clock(end, listed[0] ?? 0);
    return { told: say.everyHours(span.step ?? 1, from, until), clock: false, always: false };
  }
  if (at.length * listed.length <= LISTED) {
    const times = at.flatMap((h) => listed.map((m) => clock(h, m)));
    return { told: say.list(times), clock: true, always: false };
  }
  return { told: say.within(say.everyHour(listed), say.inHours(at)), clock: false, always: false };
}

function tellItems(items: readonly Item[] | null, name: (value: number) => string, say: Say): string | null {
  if (items === null || items.some(({ step }) => step !== undefined)) return null;
  return say.list(items.map(({ from, to }) => (to === undefined ? name(from) : say.span(name(from), name(to)))));
}

function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}
