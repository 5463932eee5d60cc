/** What was just done, at the top of the page until it is dismissed or followed by newer. */
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";

import { useWords } from "../i18n/language";
import { describe } from "./problem";

interface Notice {
  id: string;
  type: "success" | "error" | "info";
  header: string;
  detail?: string | undefined;
  link?: { text: string; href: string } | undefined;
}

interface Notices {
  say(header: string, link?: Notice["link"]): void;
  fail(what: string, error: Error): void;
}

const SHOWN = 3;
const Telling = createContext<Notices | null>(null);
const Told = createContext<{ notices: Notice[]; dismiss: (id: string) => void }>({
  notices: [],
  dismiss: () => undefined,
});

let count = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const words = useWords();
  const [notices, setNotices] = useState<Notice[]>([]);
  const add = useCallback((notice: Omit<Notice, "id">) => {
    count += 1;
    const id = String(count);
    setNotices((before) => [{ id, ...notice }, ...before].slice(0, SHOWN));
  }, []);
  const telling = useMemo<Notices>(
    () => ({
      say: (header, link) => add({ type: "success", header, link }),
      fail(what, error) {
        const { title, detail } = describe(error, words);
        add({ type: "error", header: words.act.failed(what), detail: `${title}. ${detail}` });
      },
    }),
    [add, words],
  );
  const told = useMemo(
    () => ({ notices, dismiss: (id: string) => setNotices((before) => before.filter((notice) => notice.id !== id)) }),
    [notices],
  );
  return (
    <Telling value={telling}>
      <Told value={told}>{children}</Told>
    </Telling>
  );
}

export function useNotices(): Notices {
  const telling = useContext(Telling);
  if (!telling) throw new Error("there is no NoticesProvider around this");
  return telling;
}

export function NoticeBar() {
  const words = useWords();
  const { notices, dismiss } = useContext(Told);
  return (
    <Flashbar
      items={notices.map(({ id, type, header, detail, link }) => ({
        id,
        type,
        header,
        content: detail,
        ariaRole: type === "error" ? "alert" : "status",
        dismissible: true,
        dismissLabel: words.close,
        onDismiss: () => dismiss(id),
        action: link && <Button href={link.href}>{link.text}</Button>,
      }))}
    />
  );
}
