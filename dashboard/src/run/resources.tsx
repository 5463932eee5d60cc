/** Which resources a step changed, or would change, and which it left, each with the name that people have for it. */
import Box from "@cloudscape-design/components/box";

import { useLanguage, useWords } from "../i18n/language";
import { named, touchedBy } from "./names";

const SHOWN = 20;

const en = { left: (ids: string) => `not changed: ${ids}` };
const ja: typeof en = { left: (ids) => `変更なし: ${ids}` };

interface Props {
  /** What the part returned. */
  result: unknown;
  /** Names by id. */
  names: Readonly<Record<string, string>>;
}

export function Resources({ result, names }: Props) {
  const words = useWords();
  const say = useLanguage().language === "ja" ? ja : en;
  const { changed, left } = touchedBy(result);
  const told = (ids: string[]) => {
    const rest = ids.length - SHOWN;
    return words.and(ids.slice(0, SHOWN).map((id) => named(id, names))) + (rest > 0 ? ` +${String(rest)}` : "");
  };
  return (
    <Box fontSize="body-s">
      {changed.length > 0 && <div>{told(changed)}</div>}
      {left.length > 0 && <div>{say.left(told(left))}</div>}
    </Box>
  );
}
