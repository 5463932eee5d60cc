/** A board: the user's own, or the default of a group. Read once, and kept on the server after each change. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";

import { ApiError, answer, client } from "../api/client";
import type { Panel } from "../api/types";
import { useWords } from "../i18n/language";
import { useNotices } from "../ui/notices";
import { useUser } from "../ui/user";
import { firstBoard } from "./board";

interface Board {
  version: number;
  /** null: none of one's own; what is shown is the default. */
  panels: Panel[] | null;
  default: Panel[] | null;
}

interface Change {
  panels: Panel[] | null;
  saved: (() => void) | undefined;
  /** The reading of the board that it changes. */
  of: number;
}

/** The group whose members see and may do everything. */
const ADMIN = "admin";

/** A change of a board that was read anew in between: it is of no use any more, and was told already. */
class Overtaken extends Error {}

const readBoard = async (group: string | null): Promise<Board> =>
  group === null
    ? answer(client.GET("/api/board"))
    : { ...(await answer(client.GET("/api/boards/{group}", { params: { path: { group } } }))), default: null };

const keepBoard = (group: string | null, body: { version: number; panels: Panel[] | null }) =>
  group === null
    ? answer(client.PUT("/api/board", { body }))
    : answer(client.PUT("/api/boards/{group}", { params: { path: { group } }, body }));

/** group: whose default board it is; null for the user's own. */
export function useBoard(group: string | null = null) {
  const words = useWords();
  const notices = useNotices();
  const queries = useQueryClient();
  const { admin } = useUser();
  const key = ["board", group];
  const reading = useRef(0);
  const query = useQuery({
    queryKey: key,
    queryFn: () => readBoard(group),
    staleTime: Infinity,
  });
  const usual = (board: Board | undefined) => board?.default ?? firstBoard(group === null ? admin : group === ADMIN);
  const panels = query.data && (query.data.panels ?? usual(query.data));
  const show = (kept: Panel[] | null) =>
    queries.setQueryData<Board>(key, (board) => board && { ...board, panels: kept });
  const save = useMutation<{ version: number }, Error, Change>({
    // One after the other: each save needs the version that the one before it made.
    scope: { id: key.join("/") },
    mutationFn: ({ panels, of }) => {
      // It was made of panels that somebody else has changed: to keep it now would undo that.
      if (of !== reading.current) throw new Overtaken();
      return keepBoard(group, { version: queries.getQueryData<Board>(key)?.version ?? 0, panels });
    },
    onSuccess: ({ version }, { saved }) => {
      // The panels stay as they are on the page: the user may have moved one again since.
      queries.setQueryData<Board>(key, (board) => board && { ...board, version });
      saved?.();
    },
    onError: async (error) => {
      if (error instanceof Overtaken) return;
      reading.current += 1;
      if (error instanceof ApiError && error.code === "conflict") notices.warn(words.board.conflict);
      else notices.fail(words.board.notSaved, error);
      await queries.refetchQueries({ queryKey: key });
      // What was changed while it was being read is of the board of before, too.
      reading.current += 1;
    },
  });
  const change = (made: (panels: Panel[]) => Panel[], saved?: () => void) => {
    const board = queries.getQueryData<Board>(key);
    const changed = made(board?.panels ?? usual(board));
    show(changed);
    save.mutate({ panels: changed, saved, of: reading.current });
  };
  return {
    query,
    panels,
    /** Whether it is arranged already, and not the default. */
    own: Boolean(query.data?.panels),
    /** Show other panels at once, and keep them; `saved` is called when they are kept. */
    change,
    /** Go back to the default. */
    reset: (saved: () => void) => {
      show(null);
      save.mutate({ panels: null, saved, of: reading.current });
    },
    /** A change that can still be made later, unless the board was read anew by then. */
    later: (made: (panels: Panel[]) => Panel[]) => {
      const of = reading.current;
      return () => {
        if (of === reading.current) change(made);
        else notices.warn(words.board.conflict);
      };
    },
  };
}
