/** The words of the hand-over; loaded with it. */
import { useLanguage } from "../i18n/language";

const en = {
  hint: "What happened since you last looked, what is still open, and what waits for an answer.",
  since: (moment: string) => `Since ${moment}`,
  period: "Time",
  mine: "Since I last looked",
  hours: (n: number) => `The last ${n} hours`,
  days: (n: number) => `The last ${n} days`,
  read: "Mark as read",
  wasRead: (moment: string) => `Read until ${moment}`,
  failed: "Runs that failed",
  noneFailed: "No run failed",
  done: "What was done by hand",
  noneDone: "Nothing was done by hand",
  asked: "Waits for an answer",
  more: "There is more than this: of each the latest 200 are shown.",
};

const ja: typeof en = {
  hint: "前回の確認以降に起きたこと、未対応のもの、承認待ちのものです。",
  since: (moment) => `${moment} 以降`,
  period: "期間",
  mine: "前回の確認以降",
  hours: (n) => `過去 ${n} 時間`,
  days: (n) => `過去 ${n} 日間`,
  read: "確認済みにする",
  wasRead: (moment) => `${moment} まで確認済みにしました`,
  failed: "失敗した実行",
  noneFailed: "失敗した実行はありません",
  done: "手動の操作",
  noneDone: "手動の操作はありません",
  asked: "承認待ち",
  more: "件数が多いため、それぞれ最新の 200 件を表示しています。",
};

export function useHandoverWords() {
  return useLanguage().language === "ja" ? ja : en;
}
