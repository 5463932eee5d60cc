/** The language of the page: chosen by the user, else the browser's; each is loaded when it is needed. */
import { I18nProvider, type I18nProviderProps } from "@cloudscape-design/components/i18n";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import type { Words } from "./en";
import { makeFormat, type Format, type Language } from "./format";

interface Loaded {
  language: Language;
  words: Words;
  cloudscape: I18nProviderProps.Messages;
}

interface Spoken {
  language: Language;
  words: Words;
  format: Format;
  speak: (language: Language) => void;
}

const KEPT = "nightshift.language";
const LOADERS: Record<Language, () => Promise<{ default: Omit<Loaded, "language"> }>> = {
  en: () => import("./en"),
  ja: () => import("./ja"),
};

const Context = createContext<Spoken | null>(null);

/** The language the user wants. */
export function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "ja") return kept;
  return navigator.languages.find((tag) => /^(en|ja)\b/.test(tag))?.startsWith("ja") ? "ja" : "en";
}

export async function load(language: Language): Promise<Loaded> {
  const { words, cloudscape } = (await LOADERS[language]()).default;
  return { language, words, cloudscape };
}

export function LanguageProvider({ first, children }: { first: Loaded; children: ReactNode }) {
  const [loaded, setLoaded] = useState(first);
  useEffect(() => {
    document.documentElement.lang = loaded.language;
  }, [loaded.language]);
  const spoken = useMemo<Spoken>(
    () => ({
      language: loaded.language,
      words: loaded.words,
      format: makeFormat(loaded.language, loaded.words),
      speak(language) {
        localStorage.setItem(KEPT, language);
        void load(language).then(setLoaded);
      },
    }),
    [loaded],
  );
  return (
    <Context value={spoken}>
      <I18nProvider locale={loaded.language} messages={[loaded.cloudscape]}>
        {children}
      </I18nProvider>
    </Context>
  );
}

export function useLanguage(): Spoken {
  const spoken = useContext(Context);
  if (!spoken) throw new Error("there is no LanguageProvider around this");
  return spoken;
}

export const useWords = (): Words => useLanguage().words;
export const useFormat = (): Format => useLanguage().format;
