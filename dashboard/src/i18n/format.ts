/** Times, durations and numbers as a language writes them. */
import type { Words } from "./en";

export type Language = "en" | "ja";

// British English: the day comes before the month's name and cannot be taken for it, and the clock has 24 hours.
const LOCALES: Record<Language, string> = { en: "en-GB", ja: "ja-JP" };

const UNITS = [
  ["days", 86_400],
  ["hours", 3_600],
  ["minutes", 60],
  ["seconds", 1],
] as const;

export interface Format {
  /** A moment, in the browser's time zone; `zone` says another. The year is left out when it is this one. */
  moment: (iso: string | Date, zone?: string) => string;
  /** The same to the second, for what may be over within a minute. */
  exact: (iso: string) => string;
  clock: (iso: string | Date) => string;
  /** A clock time to the second. */
  clockExact: (iso: string) => string;
  /** The browser's time zone, as "Asia/Tokyo (GMT+9)". */
  zone: () => string;
  /** A calendar day such as "2026-11-24", which no time zone moves. */
  day: (date: string) => string;
  weekday: (moment: Date) => string;
  /** The weekday alone of such a day. */
  dayOfWeek: (date: string) => string;
  /** A month with its year. */
  month: (date: Date) => string;
  /** Seconds in the two largest units that say something. */
  duration: (seconds: number) => string;
  number: (value: number) => string;
}

export function makeFormat(language: Language, words: Pick<Words, "duration">): Format {
  const locale = LOCALES[language];
  const moment = (year: boolean, timeZone?: string) =>
    new Intl.DateTimeFormat(locale, {
      ...(year && { year: "numeric" }),
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      ...(timeZone && { timeZone }),
    });
  const here = { short: moment(false), long: moment(true) };
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const seconds = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const exact = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", ...seconds });
  const clockExact = new Intl.DateTimeFormat(locale, seconds);
  const offset = new Intl.DateTimeFormat(locale, { timeZoneName: "shortOffset" });
  const day = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric" });
  const dayOfWeek = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  const month = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long" });
  const number = new Intl.NumberFormat(locale);
  return {
    moment: (iso, zone) => {
      const date = new Date(iso);
      const year = date.getFullYear() !== new Date().getFullYear();
      return (zone ? moment(year, zone) : year ? here.long : here.short).format(date);
    },
    exact: (iso) => exact.format(new Date(iso)),
    clock: (iso) => clock.format(new Date(iso)),
    clockExact: (iso) => clockExact.format(new Date(iso)),
    zone: () => {
      const name = offset.formatToParts().find(({ type }) => type === "timeZoneName")?.value ?? "";
      return `${offset.resolvedOptions().timeZone} (${name})`;
    },
    day: (date) => day.format(new Date(`${date}T00:00:00Z`)),
    weekday: (date) => weekday.format(date),
    dayOfWeek: (date) => dayOfWeek.format(new Date(`${date}T00:00:00Z`)),
    month: (date) => month.format(date),
    duration: (seconds) => duration(seconds, words.duration),
    number: (value) => number.format(value),
  };
}

function duration(seconds: number, words: Words["duration"]): string {
  // Below ten seconds the tenths tell fast runs apart.
  if (seconds < 10) return words.seconds(Math.round(seconds * 10) / 10);
  let rest = Math.round(seconds);
  const said: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) said.push(words[unit](count));
    else if (said.length > 0) break;
    if (said.length === 2) break;
  }
  return said.join(words.join);
}

/** The browser's time zone, as the API takes it. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The last days up to today in a time zone, both ends counted, as the API takes them. */
export function lastDays(days: number, timeZone: string, now = new Date()): { since: string; until: string } {
  // Sweden writes a date as ISO 8601 does.
  const until = new Intl.DateTimeFormat("sv-SE", { timeZone }).format(now);
  // Days of a calendar: no clock that changes makes one of them shorter.
  const since = new Date(`${until}T00:00:00Z`);
  since.setUTCDate(since.getUTCDate() - (days - 1));
  return { since: since.toISOString().slice(0, 10), until };
}
