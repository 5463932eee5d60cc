/** What the page needs before it can show anything: asked for until it comes. */
import type { Language } from "../i18n/format";

const LONGEST = 10_000;
const PAUSES = [1_000, 2_000, 5_000, 10_000];

/** In both languages, for the words themselves may be what cannot be reached. */
const UNREACHABLE: Record<Language, string> = {
  en: "nightshift cannot be reached. This page tries again by itself.",
  ja: "nightshift に接続できません。自動的に再試行します。",
};

export const unreachable = (language: Language): string => UNREACHABLE[language];

/** JSON from the place that serves the page. `waiting` is called each time it could not be had. */
export async function reach<T>(path: string, waiting: () => void): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answer = await fetch(path, { cache: "no-cache", signal: AbortSignal.timeout(LONGEST) });
      if (answer.ok) return (await answer.json()) as T;
    } catch {
      // No network, no answer in time, or a page of somebody else's: all of them pass.
    }
    waiting();
    await new Promise((go) => setTimeout(go, PAUSES[Math.min(attempt, PAUSES.length - 1)]));
  }
}
