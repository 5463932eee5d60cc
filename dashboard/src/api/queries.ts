/** What pages read from the API, with how long an answer is fresh and when it is asked for again. */
import {
  keepPreviousData,
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import { ApiError, answer, client, type Schemas } from "./client";
import { fingerprint, nextLook } from "./polling";
import type { RunDetail, RunState } from "./types";

const RETRIES = 3;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < RETRIES && error instanceof ApiError && error.passing,
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8_000) * (0.5 + Math.random() / 2),
      },
    },
  });
}

export const useMe = () =>
  useQuery({ queryKey: ["me"], queryFn: () => answer(client.GET("/api/me")), staleTime: Infinity });

export const useFlows = () =>
  useQuery({ queryKey: ["flows"], queryFn: () => answer(client.GET("/api/flows")), refetchInterval: 15_000 });

export const useFlow = (flow: string) =>
  useQuery({
    queryKey: ["flow", flow],
    queryFn: () => answer(client.GET("/api/flows/{flow}", { params: { path: { flow } } })),
    refetchInterval: 30_000,
  });

export interface RunFilter {
  flow?: string | null;
  state?: RunState | null;
  since?: string;
  cursor?: string;
  limit?: number;
}

export const useRuns = (filter: RunFilter, refetchInterval: number | false = 10_000) =>
  useQuery({
    queryKey: ["runs", filter],
    queryFn: () =>
      answer(
        client.GET("/api/runs", {
          params: {
            query: {
              limit: filter.limit ?? 25,
              ...(filter.flow && { flow: filter.flow }),
              ...(filter.state && { state: filter.state }),
              ...(filter.since && { since: filter.since }),
              ...(filter.cursor && { cursor: filter.cursor }),
            },
          },
        }),
      ),
    refetchInterval,
    placeholderData: keepPreviousData,
  });

/** A run, asked for again while it runs: soon after something happened, and less and less often when nothing does. */
export function useRun(flow: string, name: string): UseQueryResult<RunDetail> {
  const changes = useLastChange();
  const id = `${flow}/${name}`;
  return useQuery({
    queryKey: ["run", flow, name],
    queryFn: async () => {
      const run = await answer(client.GET("/api/runs/{flow}/{name}", { params: { path: { flow, name } } }));
      changes.note(id, fingerprint(run));
      return run;
    },
    // A run that was just started may not be in the tracker yet.
    retry: (failures, error) =>
      error instanceof ApiError && (error.passing ? failures < RETRIES : error.code === "not_found" && failures < 6),
    retryDelay: (attempt) => Math.min(500 * 1.5 ** attempt, 5_000),
    refetchInterval: ({ state }) =>
      state.data
        ? nextLook(state.data.state, Date.now() - changes.last(id), Date.now() - (redriven.get(id) ?? 0))
        : false,
  });
}

const changed = new Map<string, { print: string; at: number }>();
const redriven = new Map<string, number>();

function useLastChange() {
  return {
    note(key: string, print: string) {
      if (changed.get(key)?.print !== print) changed.set(key, { print, at: Date.now() });
    },
    last: (key: string) => changed.get(key)?.at ?? Date.now(),
  };
}

export const useSummary = (since: string, until: string) =>
  useQuery({
    queryKey: ["summary", since, until],
    queryFn: () => answer(client.GET("/api/summary", { params: { query: { since, until } } })),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  });

export const useReport = (flow: string | null | undefined, since: string, until: string) =>
  useQuery({
    queryKey: ["report", flow, since, until],
    queryFn: () => answer(client.GET("/api/report", { params: { query: { since, until, ...(flow && { flow }) } } })),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });

export const useNext = (hours: number) =>
  useQuery({
    queryKey: ["next", hours],
    queryFn: () => answer(client.GET("/api/next", { params: { query: { hours } } })),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });

export const useFleet = (tag: string[]) =>
  useQuery({
    queryKey: ["fleet", tag],
    queryFn: () => answer(client.GET("/api/fleet", { params: { query: { limit: 1000, ...(tag.length && { tag }) } } })),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
  });

export const useAudit = (flow: string | undefined, cursor: string | undefined) =>
  useQuery({
    queryKey: ["audit", flow, cursor],
    queryFn: () =>
      answer(
        client.GET("/api/audit", {
          params: { query: { limit: 50, ...(flow && { flow }), ...(cursor && { cursor }) } },
        }),
      ),
    placeholderData: keepPreviousData,
  });

/** Something done to a flow or a run; afterwards all that may have changed by it is asked for anew. */
function useAction<Given, Got>(act: (given: Given) => Promise<Got>) {
  const queries = useQueryClient();
  return useMutation<Got, Error, Given>({
    mutationFn: act,
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" }),
  });
}

export interface StartGiven {
  flow: string;
  parameters: Record<string, unknown>;
  dryRun: boolean;
  /** The same key starts one run, however often the request is sent. */
  key: string;
}

export const useStart = () =>
  useAction(({ flow, parameters, dryRun, key }: StartGiven) =>
    answer(
      client.POST("/api/flows/{flow}/runs", {
        params: { path: { flow }, header: { "idempotency-key": key } },
        body: { parameters, dry_run: dryRun },
      }),
    ),
  );

export const useHold = () =>
  useAction(({ flow, ...body }: { flow: string } & Schemas["HoldRequest"]) =>
    answer(client.PUT("/api/flows/{flow}/hold", { params: { path: { flow } }, body })),
  );

export const useRelease = () =>
  useAction((flow: string) => answer(client.DELETE("/api/flows/{flow}/hold", { params: { path: { flow } } })));

export const useSkipNext = () =>
  useAction((flow: string) => answer(client.POST("/api/flows/{flow}/skip-next", { params: { path: { flow } } })));

export interface RunGiven {
  flow: string;
  name: string;
}

export const useStop = () =>
  useAction(({ flow, name, why }: RunGiven & { why: string }) =>
    answer(client.POST("/api/runs/{flow}/{name}/stop", { params: { path: { flow, name } }, body: { why } })),
  );

export const useRedrive = () =>
  useAction(async ({ flow, name }: RunGiven) => {
    const acted = await answer(client.POST("/api/runs/{flow}/{name}/redrive", { params: { path: { flow, name } } }));
    redriven.set(acted.id, Date.now());
    return acted;
  });

export const useAgain = () =>
  useAction(({ flow, name, key }: RunGiven & { key: string }) =>
    answer(
      client.POST("/api/runs/{flow}/{name}/again", {
        params: { path: { flow, name }, header: { "idempotency-key": key } },
      }),
    ),
  );
