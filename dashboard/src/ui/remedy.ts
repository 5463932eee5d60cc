/** What to do about a failure, in the user's language: nightshift's own advice; a project's own stays as it is written. */
import { useEffect, useState } from "react";

import { useLanguage } from "../i18n/language";

type Known = Record<string, string>;

let known: Known | undefined;

/** On a page there is a button for what the command line has a command for. */
const ON_PAGE: Known = {
  "Check tags, region and account with `nightshift run FLOW --dry-run`.":
    "Check tags, region and account with a dry run of the flow.",
  "Correct the parameter in the flow file or on the command line.":
    "Correct the parameter in the flow file or at the start.",
};

/** Each line by itself, which may begin with the error code that it is about. */
export function translated(advice: string, table: Known): string {
  const lines = advice.split("\n").map((line) => {
    const [, code = "", text = line] = /^([\w.]+: )(.*)$/.exec(line) ?? [];
    return table[line] ?? code + (table[text] ?? text);
  });
  return lines.join("\n");
}

export function useRemedy(): (advice: string) => string {
  const { language } = useLanguage();
  const [table, setTable] = useState(known);
  useEffect(() => {
    if (language !== "ja" || table) return;
    void import("../i18n/remedies-ja.json").then(({ default: loaded }) => {
      known = loaded;
      setTable(loaded);
    });
  }, [language, table]);
  return (advice) => translated(advice, language === "ja" && table ? table : ON_PAGE);
}
