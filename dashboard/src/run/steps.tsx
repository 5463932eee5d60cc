/** The steps of a run. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Table from "@cloudscape-design/components/table";

import type { RunDetail, Step } from "../api/types";
import type { Words } from "../i18n/en";
import type { Format } from "../i18n/format";
import { useFormat, useWords } from "../i18n/language";
import { StepStateLabel } from "../ui/states";
import { tellCounts } from "../ui/telling";

interface Props {
  run: RunDetail;
  onSelect: (node: string) => void;
}

export function Steps({ run, onSelect }: Props) {
  const words = useWords();
  const format = useFormat();
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${run.steps.length})`}>
          {words.run.steps}
        </Header>
      }
      items={run.steps}
      wrapLines
      ariaLabels={{ tableLabel: words.run.steps }}
      empty={words.run.noSteps}
      columnDefinitions={[
        {
          id: "step",
          header: words.run.step,
          isRowHeader: true,
          minWidth: 160,
          cell: (step) => (
            <Button variant="inline-link" onClick={() => onSelect(step.name)}>
              {step.label}
            </Button>
          ),
        },
        { id: "state", header: words.runs.state, minWidth: 150, cell: (step) => <StepStateLabel state={step.state} /> },
        {
          id: "started",
          header: words.runs.started,
          minWidth: 90,
          cell: (step) => (step.started ? format.clock(step.started) : words.none),
        },
        {
          id: "duration",
          header: words.runs.duration,
          minWidth: 110,
          cell: (step) => (step.duration === null ? words.none : format.duration(step.duration)),
        },
        {
          id: "result",
          header: words.runs.result,
          minWidth: 220,
          cell: (step) => (
            <>
              {step.counts && <div>{tellCounts(step.counts, words, run.dry_run)}</div>}
              {(step.error ?? step.summary) && <div>{step.error ?? step.summary}</div>}
              <Box variant="small">{progress(step, words, format)}</Box>
            </>
          ),
        },
      ]}
    />
  );
}

/** How far a step is, and what it waits for. */
export function progress(step: Step, words: Words, format: Format): string {
  const say = words.run;
  const said = [
    step.items !== null && say.items(step.items_done ?? 0, step.items),
    step.state === "waiting" && step.waiting_for && say.waiting(step.waiting_for),
    step.state === "waiting" && step.wait !== null && say.looksAgain(format.duration(step.wait)),
    step.looks > 1 && say.looks(step.looks),
    step.retries > 0 && say.retries(step.retries),
  ].filter((part): part is string => typeof part === "string" && part !== "");
  return words.and(said);
}
