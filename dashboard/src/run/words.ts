/** The words of a run's page that no other page has. */
import type { RunDetail } from "../api/types";
import type { Place } from "./groups";
import { useLanguage } from "../i18n/language";

type PlaceState = Place["state"];

const en = {
  notRedrivable: {
    too_late: "It cannot be redriven: it ended more than 14 days ago. Run it again.",
    forgotten: "It cannot be redriven: Step Functions does not offer it for this run. Run it again.",
    cleaned_up:
      "It cannot be redriven: its except and finally have been through, and nothing is left behind the failed step. Run it again.",
  } satisfies Record<NonNullable<RunDetail["not_redrivable"]>, string>,
  usually: (usual: string, now: string) => `usually ${usual}, ${now}`,
  left: (time: string) => `about ${time} left`,
  longer: (time: string) => `${time} longer this time`,
  noStepsKept: "No step was recorded",
  log: {
    show: "Show the log lines",
    title: "Log lines",
    time: "Time",
    level: "Level",
    message: "Message",
    item: "Item",
    empty: "No lines: the step wrote none, or they are kept no longer.",
    more: "There are more lines than these; all of them are in CloudWatch Logs.",
  },
  places: {
    title: "Accounts and Regions",
    troubled: "Accounts and Regions that need a look",
    waiting: "Accounts and Regions that were not started",
    well: "Accounts and Regions in which all went well",
    account: "Account",
    own: "This account",
    regions: "Regions",
    cause: "What went wrong",
    ended: "The run ended while it was at work here.",
    state: { failed: "Failed", running: "Under way", not_started: "Not started", done: "Done" },
    count: {
      failed: (n: number) => `${n} failed`,
      running: (n: number) => `${n} under way`,
      not_started: (n: number) => `${n} not started`,
      done: (n: number) => `${n} done`,
    } satisfies Record<PlaceState, (n: number) => string>,
    wentWell: (places: number, accounts: number) =>
      `All went well: ${places} account-${places === 1 ? "Region" : "Regions"} of ${accounts} ${accounts === 1 ? "account" : "accounts"}`,
  },
};

const ja: typeof en = {
  notRedrivable: {
    too_late: "終了から 14 日を過ぎているため、失敗したステップからは再開できません。再実行してください。",
    forgotten: "Step Functions がこの実行の再開に対応していないため、再開できません。再実行してください。",
    cleaned_up:
      "except と finally の処理が完了しているため、失敗したステップからは再開できません。再実行してください。",
  },
  usually: (usual, now) => `通常${usual}、${now}`,
  left: (time) => `残り約${time}`,
  longer: (time) => `今回は${time}超過`,
  noStepsKept: "ステップの記録はありません",
  log: {
    show: "ログを表示",
    title: "ログ",
    time: "時刻",
    level: "レベル",
    message: "メッセージ",
    item: "項目",
    empty: "ログはありません。出力がないか、保存期間を過ぎています。",
    more: "ログの一部を表示しています。すべてのログは CloudWatch Logs で確認できます。",
  },
  places: {
    title: "アカウントとリージョン",
    troubled: "確認が必要なアカウントとリージョン",
    waiting: "開始されなかったアカウントとリージョン",
    well: "正常に完了したアカウントとリージョン",
    account: "アカウント",
    own: "このアカウント",
    regions: "リージョン",
    cause: "失敗の内容",
    ended: "ここでの処理中に実行が終了しました。",
    state: { failed: "失敗", running: "実行中", not_started: "未開始", done: "完了" },
    count: {
      failed: (n) => `失敗 ${n} 件`,
      running: (n) => `実行中 ${n} 件`,
      not_started: (n) => `未開始 ${n} 件`,
      done: (n) => `完了 ${n} 件`,
    },
    wentWell: (places, accounts) => `正常に完了: ${accounts} アカウントの ${places} リージョン`,
  },
};

export function useRunWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
