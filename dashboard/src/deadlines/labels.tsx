/** Deadlines of a flow, and how a run stands to its own. */
import Box from "@cloudscape-design/components/box";
import StatusIndicator from "@cloudscape-design/components/status-indicator";

import type { Schemas } from "../api/client";
import { useFormat } from "../i18n/language";
import { useClock } from "../ui/clock";
import { useDeadlineWords } from "./words";

type FlowDeadline = Schemas["FlowDeadline"];
type RunDeadline = Schemas["RunDeadline"];

export function FlowDeadlines({ deadlines }: { deadlines: readonly FlowDeadline[] }) {
  const say = useDeadlineWords();
  const format = useFormat();
  return deadlines.map(({ kind, clock, longest, next }) => (
    <div key={kind} data-deadline={kind}>
      {say.kinds[kind](clock ?? (longest === null ? say.usual : format.duration(longest)))}
      {next && (
        <Box variant="small" display="block">
          {say.next(format.moment(next))}
        </Box>
      )}
    </div>
  ));
}

export function RunDeadlines({ deadlines }: { deadlines: readonly RunDeadline[] }) {
  const say = useDeadlineWords();
  const format = useFormat();
  const now = useClock(deadlines.some(({ state }) => state === "open"));
  return deadlines.map(({ kind, by, state, late }) => {
    const what = kind === "expected" ? say.expectedBy(format.moment(by)) : say.kinds[kind](format.moment(by));
    const left = Math.max(0, (Date.parse(by) - now) / 1000);
    return (
      <div key={kind} data-deadline={kind}>
        <div>{what}</div>
        {state === "late" ? (
          <StatusIndicator type="error">{say.late(format.duration(late ?? 0))}</StatusIndicator>
        ) : state === "met" ? (
          <StatusIndicator type="success">{say.met}</StatusIndicator>
        ) : (
          <StatusIndicator type="pending">{say.open(format.duration(left))}</StatusIndicator>
        )}
      </div>
    );
  });
}
