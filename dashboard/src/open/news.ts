/** How much is open, for the tab's title; what is new of it as notifications of the desktop, where they are wanted. */
import { useEffect, useRef, useSyncExternalStore } from "react";

import { useOpen } from "../api/queries";
import type { OpenItem } from "../api/types";
import { useWords } from "../i18n/language";
import { useTitleOf } from "../ui/user";

const KEY = "nightshift.desktop-notifications";
const listeners = new Set<() => void>();

const granted = () => "Notification" in window && Notification.permission === "granted";
const wanted = () => granted() && localStorage.getItem(KEY) === "on";

/** Whether the desktop shows notifications, and how to ask for them or turn them off. */
export function useDesktop(): { possible: boolean; on: boolean; turn: (on: boolean) => Promise<void> } {
  const on = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, wanted);
  return {
    possible: "Notification" in window && Notification.permission !== "denied",
    on,
    async turn(asked) {
      if (asked && !granted()) await Notification.requestPermission();
      localStorage.setItem(KEY, asked ? "on" : "off");
      for (const listener of listeners) listener();
    },
  };
}

/** What is in the second list and was not in the first; nothing when there was no first. */
export function fresh(before: readonly OpenItem[] | undefined, now: readonly OpenItem[]): OpenItem[] {
  if (!before) return [];
  const known = new Set(before.map(({ flow, key }) => `${flow}/${key}`));
  return now.filter(({ flow, key }) => !known.has(`${flow}/${key}`));
}

/** What the desktop shows of something, in the user's language. title: of its flow, if it has one. */
export function notice({ flow, kind, why }: OpenItem, title: string | null, words: ReturnType<typeof useWords>) {
  return { headline: `${title ?? flow}: ${words.open.kinds[kind] ?? kind}`, body: why ? words.told(why) : "" };
}

/** How many are open. Looks on in a hidden tab only when its notifications are wanted. */
export function useOpenNews(): number {
  const words = useWords();
  const titleOf = useTitleOf();
  const { on } = useDesktop();
  const { data } = useOpen(on);
  const before = useRef<OpenItem[]>(undefined);
  useEffect(() => {
    if (!data) return;
    if (on) {
      for (const item of fresh(before.current, data.items)) {
        const { headline, body } = notice(item, titleOf(item.flow), words);
        new Notification(headline, { body, tag: `${item.flow}/${item.key}` });
      }
    }
    before.current = data.items;
  }, [data, on, words, titleOf]);
  return data?.items.length ?? 0;
}
