/** Whether the window is as narrow as a phone. */
import { useSyncExternalStore } from "react";

const query = matchMedia("(max-width: 688px)");

function subscribe(changed: () => void): () => void {
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export const useNarrow = (): boolean => useSyncExternalStore(subscribe, () => query.matches);
