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
import { every, fingerprint, lastChange, nextLook, SELDOM } from "./polling";
import type { paths } from "./schema";
import type { Approval, Preset, RunDetail } from "./types";

/** How often a request is sent again that may succeed a moment later; one that was not answered in time, once. */
const retries = (error: Error) => (!(error instanceof ApiError && error.passing) ? 0 : error.code === "slow" ? 1 : 3);

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < retries(error),
        retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 8_000) * (0.5 + Math.random() / 2),
      },
    },
  });
}

export const useMe = () =>
  useQuery({
    queryKey: ["me"],
    queryFn: () => answer(client.GET("/api/me")),
    staleTime: Infinity,
    // Who cannot be asked who they are, for a server that is starting again, is asked until they can.
    refetchInterval: ({ state }) => (state.error ? every(SELDOM)({ state }) : false),
  });

export const useFlows = () =>
  useQuery({ queryKey: ["flows"], queryFn: () => answer(client.GET("/api/flows")), refetchInterval: every(SELDOM) });

export const useFlow = (flow: string) =>
  useQuery({
    queryKey: ["flow", flow],
    queryFn: () => answer(client.GET("/api/flows/{flow}", { params: { path: { flow } } })),
    refetchInterval: every(SELDOM),
  });

type RunQuery = NonNullable<paths["/api/runs"]["get"]["parameters"]["query"]>;

/** What is asked of the list of runs; what is empty or null is left open. */
export type RunFilter = { [name in keyof RunQuery]?: RunQuery[name] | null | "" };

export const getRuns = (filter: RunFilter) => {
  const given = Object.entries({ limit: 25, ...filter }).filter(([, value]) => value !== null && value !== "");
  return answer(client.GET("/api/runs", { params: { query: Object.fromEntries(given) } }));
};

export const useRuns = (filter: RunFilter, again = true) =>
  useQuery({
    queryKey: ["runs", filter],
    queryFn: () => getRuns(filter),
    refetchInterval: again && every(SELDOM),
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
      changes.note(id, fingerprint(run), lastChange(run, Date.now()));
      return run;
    },
    // A run that was just started may not be in the tracker yet.
    retry: (failures, error) =>
      failures < (error instanceof ApiError && error.code === "not_found" ? 6 : retries(error)),
    retryDelay: (attempt) => Math.min(500 * 1.5 ** attempt, 5_000),
    refetchInterval: ({ state }) =>
      state.data
        ? nextLook(state.data.state, Date.now() - changes.last(id), Date.now() - (redriven.get(id) ?? 0))
        : every(SELDOM)({ state }),
  });
}

/** How long a flow and its steps usually take; read once, and only while a run goes on that it is for. */
export const useUsual = (flow: string, wanted: boolean) =>
  useQuery({
    queryKey: ["usual", flow],
    queryFn: () => answer(client.GET("/api/flows/{flow}/usual", { params: { path: { flow } } })),
    staleTime: SELDOM,
    enabled: wanted,
  });

/** step: the name of its state. Read once; a run that goes on has more when the step is opened again. */
export const useStepLog = ({ flow, name, step }: RunGiven & { step: string }) =>
  useQuery({
    queryKey: ["step-log", flow, name, step],
    queryFn: () =>
      answer(client.GET("/api/runs/{flow}/{name}/logs", { params: { path: { flow, name }, query: { step } } })),
  });

const changed = new Map<string, { print: string; at: number }>();
const redriven = new Map<string, number>();

function useLastChange() {
  return {
    note(key: string, print: string, happened: number) {
      const known = changed.get(key);
      // What is read for the first time may not have changed for hours.
      if (known?.print !== print) changed.set(key, { print, at: known ? Date.now() : happened });
    },
    last: (key: string) => changed.get(key)?.at ?? Date.now(),
  };
}

export const useSummary = (since: string, until: string, timezone: string) =>
  useQuery({
    queryKey: ["summary", since, until, timezone],
    queryFn: () => answer(client.GET("/api/summary", { params: { query: { since, until, timezone } } })),
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

export const useReport = (flow: string | null | undefined, since: string, until: string, timezone: string) =>
  useQuery({
    queryKey: ["report", flow, since, until, timezone],
    queryFn: () => getReport(flow, since, until, timezone),
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

export const useNext = (hours: number) =>
  useQuery({
    queryKey: ["next", hours],
    queryFn: () => answer(client.GET("/api/next", { params: { query: { hours } } })),
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

export const useFleet = (tag: string[]) =>
  useQuery({
    queryKey: ["fleet", tag],
    queryFn: () => answer(client.GET("/api/fleet", { params: { query: { limit: 1000, ...(tag.length && { tag }) } } })),
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

/** days: "2026-11-01", both counted. */
export const useCalendar = (since: string, until: string, timezone: string) =>
  useQuery({
    queryKey: ["calendar", since, until, timezone],
    queryFn: () => answer(client.GET("/api/calendar", { params: { query: { since, until, timezone } } })),
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

export const useInstance = (instance: string) =>
  useQuery({
    queryKey: ["instance", instance],
    queryFn: () => answer(client.GET("/api/fleet/{instance}", { params: { path: { instance } } })),
    refetchInterval: every(SELDOM),
  });

/** watched: go on looking while the tab is hidden. */
export const useOpen = (watched = false) =>
  useQuery({
    queryKey: ["open"],
    queryFn: () => answer(client.GET("/api/open")),
    refetchInterval: every(watched ? 60_000 : SELDOM),
    refetchIntervalInBackground: watched,
  });

export const useApprovals = () =>
  useQuery({
    queryKey: ["approvals"],
    queryFn: () => answer(client.GET("/api/approvals")),
    refetchInterval: every(SELDOM),
  });

export const usePresets = () =>
  useQuery({
    queryKey: ["presets"],
    queryFn: () => answer(client.GET("/api/presets")),
    refetchInterval: every(SELDOM),
  });

/** What runs, and what failed within the last day. */
export const useNow = () =>
  useQuery({ queryKey: ["now"], queryFn: () => answer(client.GET("/api/now")), refetchInterval: every(SELDOM) });

export const getAudit = (flow: string | undefined, cursor: string | undefined, limit: number) =>
  answer(client.GET("/api/audit", { params: { query: { limit, ...(flow && { flow }), ...(cursor && { cursor }) } } }));

/** hours: how far to look back; 0 is until where the user has read. */
export const useHandover = (hours: number) =>
  useQuery({
    queryKey: ["handover", hours],
    queryFn: () => {
      const since = hours > 0 ? new Date(Date.now() - hours * 3_600_000).toISOString() : undefined;
      return answer(client.GET("/api/handover", { params: { query: since ? { since } : {} } }));
    },
    refetchInterval: every(SELDOM),
    placeholderData: keepPreviousData,
  });

export const useAudit = (flow: string | undefined, cursor: string | undefined) =>
  useQuery({
    queryKey: ["audit", flow, cursor],
    queryFn: () => getAudit(flow, cursor, 50),
    placeholderData: keepPreviousData,
  });

export const getReport = (flow: string | null | undefined, since: string, until: string, timezone: string) =>
  answer(client.GET("/api/report", { params: { query: { since, until, timezone, ...(flow && { flow }) } } }));

/** Something done to a flow or a run; afterwards all that may have changed by it is asked for anew. */
function useAction<Given, Got>(act: (given: Given) => Promise<Got>) {
  const queries = useQueryClient();
  return useMutation<Got, Error, Given>({
    mutationFn: act,
    onSettled: () =>
      queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" && queryKey[0] !== "board" }),
  });
}

export interface StartGiven {
  flow: string;
  /** The button that was pressed; what it starts is not changed without a form. */
  preset?: Preset | undefined;
  parameters: Record<string, unknown>;
  dryRun: boolean;
  /** The same key starts one run, however often the request is sent. */
  key: string;
}

export const useStart = () =>
  useAction(({ flow, preset, parameters, dryRun, key }: StartGiven) => {
    const header = { "idempotency-key": key };
    return answer(
      preset
        ? client.POST("/api/presets/{preset}/runs", {
            params: { path: { preset: preset.id }, header },
            body: { version: preset.version, parameters: preset.form ? parameters : null, dry_run: dryRun },
          })
        : client.POST("/api/flows/{flow}/runs", {
            params: { path: { flow }, header },
            body: { parameters, dry_run: dryRun },
          }),
    );
  });

export const useKeepPreset = () =>
  useAction(({ id, ...body }: { id: string } & Schemas["PresetRequest"]) =>
    answer(client.PUT("/api/presets/{preset}", { params: { path: { preset: id } }, body })),
  );

export const useRemovePreset = () =>
  useAction(({ id, version }: Preset) =>
    answer(client.DELETE("/api/presets/{preset}", { params: { path: { preset: id }, query: { version } } })),
  );

export const useMarkFavourite = () =>
  useAction(({ flow, favourite }: { flow: string; favourite: boolean }) =>
    answer(client.PUT("/api/flows/{flow}/favourite", { params: { path: { flow } }, body: { favourite } })),
  );

export const useHold = () =>
  useAction(({ flow, ...body }: { flow: string } & Schemas["HoldRequest"]) =>
    answer(client.PUT("/api/flows/{flow}/hold", { params: { path: { flow } }, body })),
  );

export const useRelease = () =>
  useAction((flow: string) => answer(client.DELETE("/api/flows/{flow}/hold", { params: { path: { flow } } })));

export const useFreeze = () =>
  useAction((body: Schemas["FreezeRequest"]) => answer(client.PUT("/api/freeze", { body })));

export const useUnfreeze = () => useAction(() => answer(client.DELETE("/api/freeze")));

export const useHoldSome = () =>
  useAction((body: Schemas["HoldsRequest"]) => answer(client.PUT("/api/holds", { body })));

export const useReleaseSome = () =>
  useAction((flows: string[]) => answer(client.POST("/api/holds/release", { body: { flows } })));

export const useSkipNext = () =>
  useAction(({ flow, why }: { flow: string; why: string }) =>
    answer(client.POST("/api/flows/{flow}/skip-next", { params: { path: { flow } }, body: { why } })),
  );

export const useUnskip = () =>
  useAction((flow: string) => answer(client.DELETE("/api/flows/{flow}/skip-next", { params: { path: { flow } } })));

export const useAcknowledge = () =>
  useAction(({ flow, key, comment }: { flow: string; key: string; comment: string }) =>
    answer(client.POST("/api/open/{flow}/{key}/acknowledge", { params: { path: { flow, key } }, body: { comment } })),
  );

export const useMarkRead = () =>
  useAction((until: string) => answer(client.PUT("/api/handover/read", { body: { until } })));

export interface RunGiven {
  flow: string;
  name: string;
}

export const useStop = () =>
  useAction(({ flow, name, why }: RunGiven & { why: string }) =>
    answer(client.POST("/api/runs/{flow}/{name}/stop", { params: { path: { flow, name } }, body: { why } })),
  );

export const useDecide = () =>
  useAction(({ question, ...body }: { question: Approval; approved: boolean; comment: string }) => {
    const path = { flow: question.flow, name: question.run, question: question.id };
    return answer(
      client.POST("/api/approvals/{flow}/{name}/{question}", {
        params: { path },
        body: { ...body, asked: question.asked },
      }),
    );
  });

/** The same key starts one dry run, however often the request is sent. */
export const useDryRunOfQuestion = () =>
  useAction(({ question, key }: { question: Approval; key: string }) => {
    const path = { flow: question.flow, name: question.run, question: question.id };
    const header = { "idempotency-key": key };
    return answer(client.POST("/api/approvals/{flow}/{name}/{question}/dry-run", { params: { path, header } }));
  });

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
