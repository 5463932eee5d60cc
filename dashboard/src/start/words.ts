/** What a parameter takes, in words; the form's other words are those of every page. */
import type { FlowParameter } from "../api/types";
import { useLanguage } from "../i18n/language";

type Kind = FlowParameter["kind"];

const ja: Record<Exclude<Kind, "list">, string> = {
  text: "文字列",
  integer: "整数",
  number: "数値",
  boolean: "はい / いいえ",
  choice: "選択肢のいずれか",
  json: "JSON",
};

/** What a parameter takes, in the user's language. */
export function useAccepts(): (parameter: FlowParameter) => string {
  const { language, words } = useLanguage();
  return ({ accepts, kind, item, choices, nullable }) => {
    const each = words.start.onePerLine;
    if (language !== "ja") return kind === "list" ? `${accepts} (${each})` : accepts;
    const inner = kind === "list" ? item : kind;
    const named = inner === "choice" ? choices.join("、") : ja[(inner ?? "text") as keyof typeof ja];
    const said = kind === "list" ? `${named}の一覧(${each})` : named;
    return nullable ? `${said}、または${words.start.empty}` : said;
  };
}
