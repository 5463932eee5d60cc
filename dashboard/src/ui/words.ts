/** The words of what every page has around it: notices, questions, how the page itself is doing. */
import { useLanguage } from "../i18n/language";

const en = {
  replaced: "There is a new version of nightshift: the page was loaded anew",
  undo: "Undo",
  dropTitle: "Close, and lose what you filled in?",
  drop: "Close and lose it",
  skipWhy: "Others see this beside the flow, and the skipped run keeps it.",
  unskip: "Take the skip back",
  unskipped: (flow: string) => `The next start of ${flow} runs after all`,
  timesIn: (zone: string) => `Times: ${zone}`,
};

const ja: typeof en = {
  replaced: "新しいバージョンの nightshift を読み込みました",
  undo: "元に戻す",
  dropTitle: "入力内容を破棄して閉じますか?",
  drop: "破棄して閉じる",
  skipWhy: "フローの横に表示され、スキップされた実行にも記録されます。",
  unskip: "スキップを取り消す",
  unskipped: (flow) => `${flow} の次回のスキップを取り消しました`,
  timesIn: (zone) => `時刻のタイムゾーン: ${zone}`,
};

export function useFrameWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
