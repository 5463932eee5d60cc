/** The words of schedules. */
import type { Language } from "./format";

/** Days in words: of every month, and of some months that are named. dates: where they are single days of a month. */
export interface Days {
  everyMonth: string;
  of: (months: string) => string;
  dates?: readonly number[] | null;
}

interface Times {
  told: string;
  /** Whether they are times of the clock, and not a rhythm. */
  clock: boolean;
  /** Whether they are the same in each hour, so that no zone matters. */
  always: boolean;
}

export interface Say {
  zone: (timezone: string) => string;
  day: (number: number) => string;
  month: (number: number) => string;
  span: (from: string, to: string) => string;
  list: (items: readonly string[]) => string;
  everyDay: Days;
  lastDay: Days;
  lastWeekday: Days;
  nearestWeekday: (date: number) => Days;
  everyDays: (step: number, from: number) => Days;
  dates: (listed: string, dates: readonly number[] | null) => Days;
  nthDay: (day: string, nth: number | "last") => Days;
  weekly: (days: string) => Days;
  everyYear: (days: readonly (readonly [month: number, date: number])[]) => string;
  rate: (count: number, unit: "minute" | "hour" | "day") => string;
  once: (day: string, time: string, zone: string) => string;
  everyMinutes: (step: number, from: number) => string;
  /** At some minutes of every hour. */
  everyHour: (minutes: readonly number[]) => string;
  everyHours: (step: number, from: string, until: string | null) => string;
  between: (from: string, to: string) => string;
  inHours: (hours: readonly number[]) => string;
  within: (every: string, when: string) => string;
  together: (days: string, times: Times, years: string, zone: string) => string;
}

const pad = (number: number) => String(number).padStart(2, "0");

const EN_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const EN_MONTHS = "January February March April May June July August September October November December".split(" ");
const NTH = ["first", "second", "third", "fourth", "fifth"];

const list = (items: readonly string[]) =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;
const monthly = (what: string): Days => ({
  everyMonth: `every month on its ${what}`,
  of: (months) => `on the ${what} of ${months}`,
});

const en: Say = {
  zone: (timezone) => timezone.slice(timezone.lastIndexOf("/") + 1).replaceAll("_", " "),
  day: (number) => EN_DAYS[number - 1] ?? "",
  month: (number) => EN_MONTHS[number - 1] ?? "",
  span: (from, to) => `${from} to ${to}`,
  list,
  everyDay: { everyMonth: "every day", of: (months) => `every day in ${months}` },
  lastDay: monthly("last day"),
  lastWeekday: monthly("last weekday"),
  nearestWeekday: (date) => ({
    everyMonth: `every month on the weekday nearest to day ${date}`,
    of: (months) => `on the weekday nearest to day ${date} of ${months}`,
  }),
  everyDays: (step, from) => {
    const days = `${step === 1 ? "every day" : `every ${step} days`} from day ${from}`;
    return { everyMonth: `${days} of each month`, of: (months) => `${days} of ${months}` };
  },
  dates: (listed, dates) => {
    const day = dates?.length === 1 ? "day" : "days";
    return { everyMonth: `every month on ${day} ${listed}`, of: (months) => `on ${day} ${listed} of ${months}`, dates };
  },
  nthDay: (day, nth) => monthly(`${nth === "last" ? nth : (NTH[nth - 1] ?? "")} ${day}`),
  weekly: (days) => ({ everyMonth: `every ${days}`, of: (months) => `every ${days} in ${months}` }),
  everyYear: (days) => `every year on ${list(days.map(([month, date]) => `${date} ${EN_MONTHS[month - 1] ?? ""}`))}`,
  rate: (count, unit) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`),
  once: (day, time, zone) => {
    const [year, month, date] = day.split("-").map(Number);
    return `once on ${date ?? ""} ${EN_MONTHS[(month ?? 1) - 1] ?? ""} ${year ?? ""} at ${time} ${zone}`;
  },
  everyMinutes: (step, from) =>
    `${step === 1 ? "every minute" : `every ${step} minutes`}${from === 0 ? "" : ` from :${pad(from)}`}`,
  everyHour: (minutes) => `every hour at ${list(minutes.map((minute) => `:${pad(minute)}`))}`,
  everyHours: (step, from, until) =>
    `${step === 1 ? "every hour" : `every ${step} hours`} from ${from}${until === null ? "" : ` to ${until}`}`,
  between: (from, to) => `from ${from} to ${to}`,
  inHours: (hours) => `from ${list(hours.map((hour) => `${pad(hour)}:00`))} for an hour each`,
  within: (every, when) => `${every} ${when}`,
  together: (days, { told, clock, always }, years, zone) => {
    // Of the years that are named it is not every one.
    const named = years === "" ? days : `${days.replace("every year ", "")} in ${years}`;
    if (clock) return `${named} at ${told} ${zone}`;
    if (named !== en.everyDay.everyMonth) return `${named}, ${told} ${zone}`;
    return always ? told : `${told} ${zone}`;
  },
};

const JA_DAYS = ["日曜", "月曜", "火曜", "水曜", "木曜", "金曜", "土曜"];
const each = (what: string): Days => ({ everyMonth: `毎月${what}`, of: (months) => `毎年 ${months}の${what}` });

const ja: Say = {
  // "日本標準時" for Asia/Tokyo; UTC has no name of a place.
  zone: (timezone) =>
    timezone === "UTC"
      ? "UTC"
      : (new Intl.DateTimeFormat("ja", { timeZone: timezone, timeZoneName: "longGeneric" })
          .formatToParts()
          .find(({ type }) => type === "timeZoneName")?.value ?? timezone),
  day: (number) => JA_DAYS[number - 1] ?? "",
  month: (number) => `${number} 月`,
  span: (from, to) => `${from}〜${to}`,
  list: (items) => items.join("、"),
  everyDay: { everyMonth: "毎日", of: (months) => `毎年 ${months}の毎日` },
  lastDay: each("末日"),
  lastWeekday: each("最終平日"),
  nearestWeekday: (date) => each(` ${date} 日に最も近い平日`),
  everyDays: (step, from) => each(` ${from} 日から ${step} 日ごと`),
  dates: (listed, dates) => ({ ...each(` ${listed} 日`), dates }),
  nthDay: (day, nth) => each(nth === "last" ? `最終${day}` : `第 ${nth} ${day}`),
  weekly: (days) => ({ everyMonth: `毎週 ${days}`, of: (months) => `毎年 ${months}の毎週 ${days}` }),
  everyYear: (days) => `毎年 ${days.map(([month, date]) => `${month} 月 ${date} 日`).join("、")}`,
  rate: (count, unit) => `${count} ${{ minute: "分", hour: "時間", day: "日" }[unit]}ごと`,
  once: (day, time, zone) => {
    const [year, month, date] = day.split("-").map(Number);
    return `${year ?? ""} 年 ${month ?? ""} 月 ${date ?? ""} 日 ${time} に 1 回 (${zone})`;
  },
  everyMinutes: (step, from) => {
    const every = step === 1 ? "毎分" : `${step} 分ごと`;
    return from === 0 ? every : `毎時 ${from} 分から ${every}`;
  },
  everyHour: (minutes) => `毎時 ${minutes.map((minute) => `${minute} 分`).join("、")}`,
  everyHours: (step, from, until) =>
    `${from}${until === null ? " から" : `〜${until} に`} ${step === 1 ? "1 時間" : `${step} 時間`}ごと`,
  between: (from, to) => `${from}〜${to} に`,
  inHours: (hours) => `${hours.map((hour) => `${hour} 時台`).join("、")}に`,
  within: (every, when) => `${when} ${every}`,
  together: (days, { told, always }, years, zone) => {
    if (always && years === "" && days === ja.everyDay.everyMonth) return told;
    const named = years === "" ? days : `${years} 年 ${days.replace("毎年 ", "")}`;
    return `${named} ${told} (${zone})`;
  },
};

export const SAY: Record<Language, Say> = { en, ja };
