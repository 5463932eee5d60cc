/** The user's board: read once, and kept on the server after each change. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { ApiError, answer, client, type Schemas } from "../api/client";
import type { Panel } from "../api/types";
import { useWords } from "../i18n/language";
import { useNotices } from "../ui/notices";
import { firstBoard } from "./board";

type Board = Schemas["Board"];
const KEY = ["board"];

/** A user who never kept a board has version 0; one who removed every panel has a later one, and none. */
const opened = (board: Board): Board => (board.version === 0 ? { ...board, panels: firstBoard() } : board);

export function useBoard() {
  const words = useWords();
  const notices = useNotices();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => opened(await answer(client.GET("/api/board"))),
    staleTime: Infinity,
  });
  const save = useMutation<Board, Error, Panel[]>({
    // One after the other: each save needs the version that the one before it made.
    scope: { id: "board" },
    mutationFn: (panels) => {
      const version = queries.getQueryData<Board>(KEY)?.version ?? 0;
      return answer(client.PUT("/api/board", { body: { version, panels } }));
    },
    onSuccess: ({ version }) =>
      // The panels stay as they are on the page: the user may have moved one again since.
      queries.setQueryData<Board>(KEY, (board) => board && { ...board, version }),
    onError: (error) => {
      if (error instanceof ApiError && error.code === "conflict") notices.fail(words.board.conflict, error);
      else notices.fail(words.board.notSaved, error);
      void queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return {
    query,
    /** Show the panels at once, and keep them. */
    change: (panels: Panel[]) => {
      queries.setQueryData<Board>(KEY, (board) => board && { ...board, panels });
      save.mutate(panels);
    },
  };
}
