/** The words of a run's page that no other page has. */
import type { RunDetail } from "../api/types";
import { useLanguage } from "../i18n/language";

const en = {
  notRedrivable: {
    too_late: "It cannot be redriven: it ended more than 14 days ago. Run it again.",
    forgotten: "It cannot be redriven: Step Functions does not offer it for this run. Run it again.",
    cleaned_up:
      "It cannot be redriven: its except and finally have been through, and nothing is left behind the failed step. Run it again.",
  } satisfies Record<NonNullable<RunDetail["not_redrivable"]>, string>,
};

const ja: typeof en = {
  notRedrivable: {
    too_late: "終了から 14 日を過ぎているため、失敗したステップからは再開できません。再実行してください。",
    forgotten: "Step Functions がこの実行の再開に対応していないため、再開できません。再実行してください。",
    cleaned_up:
      "except と finally の処理が完了しているため、失敗したステップからは再開できません。再実行してください。",
  },
};

export function useRunWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
