/** States of runs, steps and instances: a colour, a sign, and always the word too. */
import Badge from "@cloudscape-design/components/badge";
import Box from "@cloudscape-design/components/box";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

import type { RunState, Standing, StepState } from "../api/types";
import { useFormat, useWords } from "../i18n/language";

type SignType = NonNullable<StatusIndicatorProps["type"]>;

const RUN_SIGNS: Record<RunState, SignType> = {
  RUNNING: "in-progress",
  SUCCEEDED: "success",
  FAILED: "error",
  TIMED_OUT: "error",
  ABORTED: "stopped",
  SKIPPED: "not-started",
};

const STEP_SIGNS: Record<StepState, SignType> = {
  running: "in-progress",
  waiting: "pending",
  succeeded: "success",
  failed: "error",
  handled: "warning",
};

const INSTANCE_SIGNS: Record<string, SignType> = {
  pending: "in-progress",
  running: "success",
  stopping: "in-progress",
  "shutting-down": "in-progress",
  terminated: "not-started",
};

/** A state in one line: the sign by itself breaks its text anywhere. */
export function Sign({ type, children }: { type: SignType; children: string }) {
  return (
    <span className="nowrap">
      <StatusIndicator type={type}>{children}</StatusIndicator>
    </span>
  );
}

export function RunStateLabel({ state }: { state: RunState }) {
  return <Sign type={RUN_SIGNS[state]}>{useWords().state[state]}</Sign>;
}

export function StepStateLabel({ state }: { state: StepState }) {
  return <Sign type={STEP_SIGNS[state]}>{useWords().step[state]}</Sign>;
}

export function InstanceStateLabel({ state }: { state: string }) {
  const words = useWords();
  return <Sign type={INSTANCE_SIGNS[state] ?? "stopped"}>{words.instance[state] ?? state}</Sign>;
}

export function DryRunBadge() {
  return <Badge color="blue">{useWords().runs.dryRun}</Badge>;
}

/** What holds a flow, or skips its next start; nothing when it is as usual. */
export function StandingLabel({ standing: { hold, skip_next, frozen } }: { standing: Standing }) {
  const words = useWords();
  const format = useFormat();
  if (!hold && !skip_next && !frozen) return null;
  return (
    <div>
      {frozen && (
        <StatusIndicator type="stopped" colorOverride="red">
          {words.flows.frozen}
        </StatusIndicator>
      )}
      {hold && (
        <StatusIndicator type="stopped" colorOverride="red">
          {hold.until ? words.flows.heldUntil(format.moment(hold.until)) : words.flows.held}
        </StatusIndicator>
      )}
      {hold?.why && (
        <Box variant="small" display="block">
          {hold.why}
        </Box>
      )}
      {skip_next && <StatusIndicator type="warning">{words.flows.skipping}</StatusIndicator>}
      {skip_next?.why && (
        <Box variant="small" display="block">
          {skip_next.why}
        </Box>
      )}
    </div>
  );
}
