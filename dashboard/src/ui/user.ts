/** The signed-in user, known on every page below the shell, and what flows are called for them. */
import { createContext, useContext } from "react";

import type { Me } from "../api/types";
import { useLanguage } from "../i18n/language";

export const UserContext = createContext<Me | null>(null);

export function useUser(): Me {
  const user = useContext(UserContext);
  if (!user) throw new Error("there is no user around this");
  return user;
}

/** The title that a flow has in the user's language, else in English; null for one that has none. */
export function useTitleOf(): (flow: string) => string | null {
  const { titles } = useUser();
  const { language } = useLanguage();
  return (flow) => {
    const found = titles.find((each) => each.flow === flow);
    return (language === "ja" && found?.title_ja) || (found?.title ?? null);
  };
}

/** What of two texts, the second in Japanese, is for the user; English where there is no other. */
export function useInLanguage(): <T>(english: T, japanese: T) => T {
  const { language } = useLanguage();
  return (english, japanese) => (language === "ja" && japanese ? japanese : english);
}
