/** What a button is called in the user's language. */
import { useInLanguage, useTitleOf } from "../ui/user";
import type { StartButtonOf } from "./buttons";

export function useButtonName(): (button: Pick<StartButtonOf, "preset" | "flow">) => string {
  const inLanguage = useInLanguage();
  const titleOf = useTitleOf();
  return ({ preset, flow }) =>
    preset ? inLanguage(preset.title, preset.title_ja ?? preset.title) : (titleOf(flow.name) ?? flow.name);
}
