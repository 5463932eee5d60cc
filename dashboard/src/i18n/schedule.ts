/** Schedules in words: "every day at 22:00 Tokyo" for cron(0 22 * * ? *) in Asia/Tokyo. */
import type { Language } from "./format";

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface Say {
  days: string[];
  every: string;
  on: (days: string) => string;
  span: (from: string, to: string) => string;
  ofMonth: (days: string) => string;
  last: string;
  at: (days: string, times: string, zone: string) => string;
  rate: (count: number, unit: "minute" | "hour" | "day") => string;
  and: string;
}

const SAY: Record<Language, Say> = {
  en: {
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    every: "every day",
    on: (days) => `every ${days}`,
    span: (from, to) => `${from} to ${to}`,
    ofMonth: (days) => `every month on day ${days}`,
    last: "every month on its last day",
    at: (days, times, zone) => `${days} at ${times} ${zone}`,
    rate: (count, unit) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`),
    and: " and ",
  },
  ja: {
    days: ["日曜", "月曜", "火曜", "水曜", "木曜", "金曜", "土曜"],
    every: "毎日",
    on: (days) => `毎週 ${days}`,
    span: (from, to) => `${from}〜${to}`,
    ofMonth: (days) => `毎月 ${days} 日`,
    last: "毎月末日",
    at: (days, times, zone) => `${days} ${times} (${zone})`,
    rate: (count, unit) => `${count} ${{ minute: "分", hour: "時間", day: "日" }[unit]}ごと`,
    and: "、",
  },
};

/** An expression of EventBridge Scheduler in words; as it is where words would be longer than it. */
export function tellSchedule(expression: string, timezone: string, language: Language): string {
  const say = SAY[language];
  const zone = timezone.slice(timezone.lastIndexOf("/") + 1).replaceAll("_", " ");
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count && unit) return say.rate(Number(count), unit as "minute" | "hour" | "day");
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const told = fields === undefined ? null : tellCron(fields.trim().split(/\s+/), zone, say);
  return told ?? `${expression} ${zone}`;
}

function tellCron([minute, hour, date, month, day, year]: string[], zone: string, say: Say): string | null {
  if (!minute || !hour || !date || !day || month !== "*" || (year ?? "*") !== "*") return null;
  if (!/^\d+$/.test(minute) || !/^\d+(,\d+)*$/.test(hour)) return null;
  const times = hour.split(",").map((each) => `${each.padStart(2, "0")}:${minute.padStart(2, "0")}`);
  const days = any(day) ? tellDates(date, say) : any(date) ? tellDays(day, say) : null;
  return days === null ? null : say.at(days, times.join(say.and), zone);
}

const any = (field: string): boolean => field === "*" || field === "?";

function tellDates(date: string, say: Say): string | null {
  if (any(date)) return say.every;
  if (date === "L") return say.last;
  return /^\d+(,\d+)*$/.test(date) ? say.ofMonth(date.split(",").join(say.and)) : null;
}

function tellDays(field: string, say: Say): string | null {
  const told = field.split(",").map((each) => {
    const names = each.split("-").map((name) => say.days[numberOf(name)]);
    const [from, to] = names;
    if (names.length > 2 || !from || (names.length === 2 && !to)) return null;
    return to ? say.span(from, to) : from;
  });
  return told.includes(null) ? null : say.on(told.join(say.and));
}

/** Of a day, from Sunday on: cron counts it from 1 ("Cron-based schedules", EventBridge Scheduler User Guide). */
function numberOf(name: string): number {
  return /^[1-7]$/.test(name) ? Number(name) - 1 : DAYS.indexOf(name.toUpperCase());
}
