/** The words of finding runs. */
import { useLanguage } from "../i18n/language";
import type { Period } from "./periods";

const periods: Record<Period | "" | "range", string> = {
  "": "Any time",
  today: "Today",
  yesterday: "Yesterday",
  "7days": "The last 7 days",
  "30days": "The last 30 days",
  month: "This month",
  lastMonth: "Last month",
  range: "From one day to another",
};

const en = {
  trigger: "Started by",
  everyTrigger: "Anything",
  triggers: {
    schedule: "A schedule",
    alarm: "An alarm",
    flow: "Another flow",
    manual: "By hand",
    unknown: "Outside nightshift",
  },
  when: "Started",
  periods,
  from: "From",
  to: "To",
  by: "Name of who started it",
  resource: "Id of a resource it touched",
  resourceHint: "3+ characters",
  account: "Account",
  accountHint: "12 digits",
  sort: "Sort",
  orders: {
    newest: "Newest first",
    oldest: "Oldest first",
    longest: "Longest first",
    changed: "Most changed first",
    failed: "Most failed first",
  },
  reset: "Reset the filters",
  touched: (ids: string) => `Runs that changed, or failed on: ${ids}`,
  more: "There is more than is shown: narrow the filters.",
  scanned: "No run of those looked at so far matches; older ones may.",
};

const ja: typeof en = {
  trigger: "起動元",
  everyTrigger: "すべて",
  triggers: {
    schedule: "スケジュール",
    alarm: "アラーム",
    flow: "他のフロー",
    manual: "手動",
    unknown: "nightshift の外部",
  },
  when: "開始日時",
  periods: {
    "": "全期間",
    today: "今日",
    yesterday: "昨日",
    "7days": "過去 7 日間",
    "30days": "過去 30 日間",
    month: "今月",
    lastMonth: "先月",
    range: "期間を指定",
  },
  from: "開始日",
  to: "終了日",
  by: "開始したユーザーの名前",
  resource: "操作対象のリソース ID",
  resourceHint: "3 文字以上",
  account: "アカウント",
  accountHint: "12 桁の数字",
  sort: "並べ替え",
  orders: {
    newest: "新しい順",
    oldest: "古い順",
    longest: "実行時間の長い順",
    changed: "変更数の多い順",
    failed: "失敗数の多い順",
  },
  reset: "条件をクリア",
  touched: (ids) => `次のリソースを変更した、または失敗した実行: ${ids}`,
  more: "表示しきれない結果があります。条件を絞り込んでください。",
  scanned: "ここまでに一致する実行はありません。より古い実行にある可能性があります。",
};

export function useFindWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
