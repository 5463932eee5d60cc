/** Light or dark: as the user chose, else as the system is set. */
import { applyMode, Mode } from "@cloudscape-design/global-styles";
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

const KEPT = "nightshift.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function chosen(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

/** Paint the page in the theme of choice. */
export function applyTheme(): void {
  const theme = chosen();
  const dark = theme === "dark" || (theme === "system" && system.matches);
  applyMode(dark ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
}

system.addEventListener("change", applyTheme);

export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore((changed) => {
    listeners.add(changed);
    return () => listeners.delete(changed);
  }, chosen);
  const choose = (next: Theme) => {
    localStorage.setItem(KEPT, next);
    applyTheme();
    for (const changed of listeners) changed();
  };
  return [theme, choose];
}
