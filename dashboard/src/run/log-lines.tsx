/** The log lines of a step; read when they are asked for, and not before. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useStepLog, type RunGiven } from "../api/queries";
import type { LogLine } from "../api/types";
import { useFormat } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { useRunWords } from "./words";

const LEVELS: Record<string, "error" | "warning"> = { ERROR: "error", CRITICAL: "error", WARNING: "warning" };

/** step: the name of its state. */
export default function LogLines({ step, ...run }: RunGiven & { step: string }) {
  const say = useRunWords().log;
  const [asked, setAsked] = useState(false);
  if (asked) return <Lines step={step} {...run} />;
  return (
    <Button iconName="file" onClick={() => setAsked(true)}>
      {say.show}
    </Button>
  );
}

function Lines({ step, ...run }: RunGiven & { step: string }) {
  const say = useRunWords().log;
  const format = useFormat();
  const log = useStepLog({ ...run, step });
  const level = (line: LogLine) => {
    const type = LEVELS[line.level];
    return type ? <StatusIndicator type={type}>{line.level}</StatusIndicator> : line.level;
  };
  return (
    <Loaded query={log}>
      {({ lines, more }) => (
        <SpaceBetween size="xs">
          {more && <Alert type="info">{say.more}</Alert>}
          <Table
            variant="borderless"
            contentDensity="compact"
            items={lines}
            wrapLines
            ariaLabels={{ tableLabel: say.title }}
            empty={say.empty}
            columnDefinitions={[
              {
                id: "time",
                header: say.time,
                isRowHeader: true,
                minWidth: 100,
                cell: ({ time }) => format.clockExact(time),
              },
              { id: "level", header: say.level, minWidth: 110, cell: level },
              {
                id: "message",
                header: say.message,
                minWidth: 240,
                cell: ({ message }) => <span style={{ whiteSpace: "pre-line" }}>{message}</span>,
              },
              ...(lines.some(({ item }) => item !== "")
                ? [{ id: "item", header: say.item, minWidth: 120, cell: ({ item }: LogLine) => item }]
                : []),
            ]}
          />
        </SpaceBetween>
      )}
    </Loaded>
  );
}
