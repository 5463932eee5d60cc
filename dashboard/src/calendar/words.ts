/** The words of the calendar. */
import { useLanguage } from "../i18n/language";

const en = {
  hint: "What ran, and what the schedules will start, in your time zone. Struck through is what will not run.",
  ranSince: (day: string) => `There are more runs than are read: what ran before ${day} is not shown.`,
  before: "Month before",
  after: "Month after",
  today: "This month",
  times: (n: number) => `${n} times`,
  keptBack: (n: number, all: number) => (n === all ? "will not run" : `${n} of ${all} will not run`),
  more: "Some flows are due more often than is shown.",
  nothing: "Nothing is due",
  calendars: "Calendars",
  noCalendars: "No schedule goes by a calendar of business days.",
  years: (first: number, last: number) => `knows ${first} to ${last}`,
  usedBy: "Schedules of",
  weekend: "Weekend",
  holidays: "Holidays",
  workdays: "Business days in spite of that",
  day: "Day",
  name: "Holiday",
};

const ja: typeof en = {
  hint: "これまでの実行とスケジュールによる今後の起動を、ご利用のタイムゾーンで表示します。取り消し線は起動されないものです。",
  ranSince: (day) => `実行数が多いため、${day} より前の実行は表示していません。`,
  before: "前の月",
  after: "次の月",
  today: "今月",
  times: (n) => `${n} 回`,
  keptBack: (n, all) => (n === all ? "起動されません" : `${all} 回中 ${n} 回は起動されません`),
  more: "一部のフローは表示しきれない回数起動されます。",
  nothing: "予定はありません",
  calendars: "営業日カレンダー",
  noCalendars: "営業日カレンダーを使うスケジュールはありません。",
  years: (first, last) => `${first} 年〜${last} 年`,
  usedBy: "使用するフロー",
  weekend: "週休日",
  holidays: "休日",
  workdays: "営業日とする日",
  day: "日付",
  name: "名称",
};

export function useCalendarWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
