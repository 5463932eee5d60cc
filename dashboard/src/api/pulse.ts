/** One small request in place of one for each panel: only when something has changed are they asked for. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { answer, client } from "./client";
import { every } from "./polling";

const BEAT = 15_000;
/** What a page keeps by itself: who the user is, their board, a run while it goes on, and what is usual. */
const STAYS = new Set<unknown>(["me", "board", "run", "usual", "pulse"]);

export function usePulse(): void {
  const queries = useQueryClient();
  const mark = useQuery({
    queryKey: ["pulse"],
    queryFn: () => answer(client.GET("/api/pulse")),
    refetchInterval: every(BEAT),
  }).data?.mark;
  const before = useRef(mark);
  useEffect(() => {
    if (before.current !== undefined && before.current !== mark)
      void queries.invalidateQueries({ predicate: ({ queryKey }) => !STAYS.has(queryKey[0]) });
    before.current = mark;
  }, [mark, queries]);
}
