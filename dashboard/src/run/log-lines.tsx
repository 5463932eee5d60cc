/** The log lines of a step; read when they are asked for, and not before. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useEffect, useRef, useState } from "react";

import { useStepLog, type RunGiven } from "../api/queries";
import type { LogLine } from "../api/types";
import { useFormat } from "../i18n/language";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { WholeNames } from "../ui/whole";
import { useRunWords } from "./words";

const LEVELS: Record<string, "error" | "warning"> = { ERROR: "error", CRITICAL: "error", WARNING: "warning" };

/** step: the name of its state. */
export default function LogLines({ step, ...run }: RunGiven & { step: string }) {
  const say = useRunWords().log;
  const [asked, setAsked] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  // The button that had the focus is gone: without another place for it, Escape no longer reaches the dialog.
  useEffect(() => place.current?.focus(), [asked]);
  if (asked)
    return (
      <div ref={place} tabIndex={-1}>
        <Lines step={step} {...run} />
      </div>
    );
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
  const narrow = useNarrow();
  const level = (line: LogLine) => {
    const type = LEVELS[line.level];
    return type ? <StatusIndicator type={type}>{line.level}</StatusIndicator> : line.level;
  };
  const time = (line: LogLine) => format.clockExact(line.time);
  const message = (line: LogLine) => (
    <span style={{ whiteSpace: "pre-line" }}>
      <WholeNames text={line.message} />
    </span>
  );
  // On a phone a line is one cell, so that its message is not out of sight at the side.
  const card = (line: LogLine) => (
    <>
      <SpaceBetween direction="horizontal" size="xs">
        {time(line)}
        {level(line)}
        {line.item}
      </SpaceBetween>
      {message(line)}
    </>
  );
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
            columnDefinitions={
              narrow
                ? [{ id: "line", header: say.message, isRowHeader: true, cell: card }]
                : [
                    { id: "time", header: say.time, isRowHeader: true, minWidth: 100, cell: time },
                    { id: "level", header: say.level, minWidth: 110, cell: level },
                    { id: "message", header: say.message, minWidth: 240, cell: message },
                    ...(lines.some(({ item }) => item !== "")
                      ? [{ id: "item", header: say.item, minWidth: 120, cell: ({ item }: LogLine) => item }]
                      : []),
                  ]
            }
          />
        </SpaceBetween>
      )}
    </Loaded>
  );
}
