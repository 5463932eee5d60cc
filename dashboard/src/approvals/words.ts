/** The words of approvals; loaded with them, and not with the page. */
import { useLanguage } from "../i18n/language";

const en = {
  empty: "Nothing waits for approval",
  hint: "Questions that flows ask people. A flow goes on as soon as enough of them have approved, or one has rejected.",
  run: "Run",
  asks: "Asks",
  operators: "operators of the flow",
  or: " or ",
  mailed: "Mailed to",
  until: "Waits until",
  starter: "Started by",
  reminded: (last: string, n: number) => (n === 1 ? last : `${last} (${n} times)`),
  remindedLabel: "Last reminder",
  escalates: "Escalation",
  escalatesTo: (to: string, at: string) => `${at}, to ${to}`,
  approved: (n: number, of: number) => `${n} of ${of} approved`,
  said: (by: string, approved: boolean) => `${by} ${approved ? "approved" : "rejected"}`,
  next: "What the flow does next",
  nothing: "Nothing more: it ends",
  dryRun: "What would it touch now? Dry run",
  dryRunTells: {
    running: "The dry run is under way",
    ended: "As a dry run of the whole flow tells it now; nothing was changed",
    failed: "The dry run failed, so that not all is told",
  },
  together: "all items",
  more: (n: number) => `and ${n} more`,
  comment: "Comment",
  commentHint: "The flow is told, and the log of actions keeps it",
  approve: "Approve",
  reject: "Reject",
  approvedIt: "You approved it; others have to approve, too. You can still reject it.",
  done: { waiting: "Approved; others have to approve, too", approved: "Approved", rejected: "Rejected" },
  refusal: {
    starter: "You started this run; somebody else decides.",
    group: (groups: string) => `Only members of ${groups} decide.`,
    operator: "Only operators of the flow decide.",
  },
};

const ja: typeof en = {
  empty: "承認待ちはありません",
  hint: "フローからの承認依頼です。必要な人数が承認するとフローは先へ進み、1 人でも却下するとそこで決まります。",
  run: "実行",
  asks: "承認者",
  operators: "フローのオペレーター",
  or: " または ",
  mailed: "メール送信先",
  until: "承認期限",
  starter: "実行者",
  reminded: (last, n) => (n === 1 ? last : `${last} (${n} 回)`),
  remindedLabel: "最後の督促",
  escalates: "エスカレーション",
  escalatesTo: (to, at) => `${at} ${to}`,
  approved: (n, of) => `${of} 人中 ${n} 人が承認済み`,
  said: (by, approved) => `${by} が${approved ? "承認" : "却下"}`,
  next: "この後の処理",
  nothing: "ここで終了",
  dryRun: "ドライランで対象を確認",
  dryRunTells: {
    running: "ドライランを実行中",
    ended: "現時点でのフロー全体のドライランの結果です。何も変更されていません",
    failed: "ドライランが失敗したため、すべては表示できません",
  },
  together: "全項目の合計",
  more: (n) => `ほか ${n} 件`,
  comment: "コメント",
  commentHint: "フローに渡され、操作ログに残ります",
  approve: "承認",
  reject: "却下",
  approvedIt: "承認済みです。ほかの人の承認も必要です。今からでも却下できます。",
  done: { waiting: "承認しました。ほかの人の承認も必要です", approved: "承認しました", rejected: "却下しました" },
  refusal: {
    starter: "自分が開始した実行は、ほかの人が承認します。",
    group: (groups) => `承認できるのは ${groups} のメンバーだけです。`,
    operator: "承認できるのはフローのオペレーターだけです。",
  },
};

export function useApprovalWords() {
  return useLanguage().language === "ja" ? ja : en;
}
