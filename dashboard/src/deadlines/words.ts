/** The words of deadlines; loaded with the pages that show them. */
import type { Schemas } from "../api/client";
import { useLanguage } from "../i18n/language";

type Kind = Schemas["FlowDeadline"]["kind"];

const kinds: Record<Kind, (limit: string) => string> = {
  start_by: (limit) => `start by ${limit}`,
  finish_by: (limit) => `end by ${limit}`,
  expected: (limit) => `take no longer than ${limit}`,
};

const en = {
  title: "Deadlines",
  kinds,
  /** Of a run, `expected` is a moment like the others. */
  expectedBy: (moment: string) => `as a rule ended by ${moment}`,
  usual: "twice the longest of its last runs",
  next: (moment: string) => `next: ${moment}`,
  met: "met",
  open: (left: string) => `${left} left`,
  late: (late: string) => `${late} late`,
};

const ja: typeof en = {
  title: "期限",
  kinds: {
    start_by: (limit) => `${limit} までに開始`,
    finish_by: (limit) => `${limit} までに終了`,
    expected: (limit) => `所要時間は最大${limit}`,
  },
  expectedBy: (moment) => `通常は ${moment} までに終了`,
  usual: "これまでの最長の 2 倍",
  next: (moment) => `次回: ${moment}`,
  met: "期限内",
  open: (left) => `残り${left}`,
  late: (late) => `${late}の遅れ`,
};

export function useDeadlineWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
