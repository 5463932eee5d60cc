/** What was just done, at the top of the page until it is dismissed, followed by newer, or another page is opened. */
import Button from "@cloudscape-design/components/button";
import Flashbar from "@cloudscape-design/components/flashbar";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from "react";
import { useLocation } from "wouter";

import { useWords } from "../i18n/language";
import { wasReplaced } from "../session/version";
import { describe } from "./problem";
import { useFrameWords } from "./words";

/** What can be done about a notice: a page that is opened, or something that is carried out. */
type Then = { text: string; href: string } | { text: string; onClick: () => void };

interface Notice {
  id: string;
  type: "success" | "error" | "warning" | "info";
  header: string;
  detail?: string | undefined;
  then?: Then | undefined;
  at: number;
}

interface Notices {
  say(header: string, then?: Then): void;
  warn(header: string): void;
  fail(what: string, error: Error): void;
}

const SHOWN = 3;
/** Milliseconds: what is said while a page is left is for the next one. */
const JUST_NOW = 1_000;
const Telling = createContext<Notices | null>(null);
const Told = createContext<{ notices: Notice[]; dismiss: (those: (notice: Notice) => boolean) => void }>({
  notices: [],
  dismiss: () => undefined,
});

let count = 0;

export function NoticesProvider({ children }: { children: ReactNode }) {
  const words = useWords();
  const { replaced } = useFrameWords();
  const [notices, setNotices] = useState<Notice[]>(() =>
    wasReplaced() ? [{ id: "replaced", type: "info", header: replaced, at: Date.now() }] : [],
  );
  const add = useCallback((notice: Omit<Notice, "id" | "at">) => {
    count += 1;
    const id = String(count);
    setNotices((before) => [{ id, at: Date.now(), ...notice }, ...before].slice(0, SHOWN));
  }, []);
  const telling = useMemo<Notices>(
    () => ({
      say: (header, then) => add({ type: "success", header, then }),
      warn: (header) => add({ type: "warning", header }),
      fail(what, error) {
        const { title, detail } = describe(error, words);
        add({ type: "error", header: words.act.failed(what), detail: `${title}. ${detail}` });
      },
    }),
    [add, words],
  );
  const told = useMemo(
    () => ({
      notices,
      dismiss: (those: (notice: Notice) => boolean) =>
        setNotices((before) => (before.some(those) ? before.filter((notice) => !those(notice)) : before)),
    }),
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
  const [path] = useLocation();
  const shownOn = useRef(path);
  const leave = useEffectEvent(() => dismiss(({ at }) => Date.now() - at > JUST_NOW));
  useEffect(() => {
    if (shownOn.current !== path) leave();
    shownOn.current = path;
  }, [path]);
  return (
    <Flashbar
      items={notices.map(({ id, type, header, detail, then }) => ({
        id,
        type,
        header,
        content: detail,
        ariaRole: type === "error" ? "alert" : "status",
        dismissible: true,
        dismissLabel: words.close,
        onDismiss: () => dismiss((notice) => notice.id === id),
        action: then && <Done then={then} onDone={() => dismiss((notice) => notice.id === id)} />,
      }))}
    />
  );
}

function Done({ then, onDone }: { then: Then; onDone: () => void }) {
  if ("href" in then) return <Button href={then.href}>{then.text}</Button>;
  return (
    <Button
      onClick={() => {
        then.onClick();
        onDone();
      }}
    >
      {then.text}
    </Button>
  );
}
