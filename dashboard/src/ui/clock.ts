/** The time, for what counts seconds on a page. */
import { useEffect, useState } from "react";

/** Milliseconds since the epoch, by the second while it goes; where it does not, when the page was shown. */
export function useClock(goes: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!goes) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [goes]);
  return now;
}
