/** The steps of a run. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";

import type { RunDetail, Step } from "../api/types";
import type { Words } from "../i18n/en";
import type { Format } from "../i18n/format";
import { useFormat, useLanguage, useWords } from "../i18n/language";
import { useClock } from "../ui/clock";
import { useFitting } from "../ui/fitting";
import { PagedTable } from "../ui/paged";
import { StepStateLabel } from "../ui/states";
import { tellCounts, tellSummary } from "../ui/telling";
import { Remaining } from "./remaining";
import { Resources } from "./resources";
import { useStepTitles } from "./titles";
import { useRunWords } from "./words";

interface Props {
  run: RunDetail;
  onSelect: (node: string) => void;
}

export function Steps({ run, onSelect }: Props) {
  const words = useWords();
  const { noStepsKept } = useRunWords();
  const format = useFormat();
  const { language } = useLanguage();
  const titleOf = useStepTitles(run.flow);
  return (
    <PagedTable
      header={
        <Header variant="h2" counter={`(${run.steps.length})`}>
          {words.run.steps}
        </Header>
      }
      items={run.steps}
      wrapLines
      ariaLabels={{ tableLabel: words.run.steps }}
      empty={run.ended === null ? words.run.noSteps : noStepsKept}
      columnDefinitions={useFitting<Step>([
        {
          id: "step",
          header: words.run.step,
          isRowHeader: true,
          minWidth: 160,
          cell: (step) => (
            <>
              <Button variant="inline-link" onClick={() => onSelect(step.name)}>
                {titleOf(step.name) ?? step.label}
              </Button>
              {titleOf(step.name) && step.name !== "gate" && (
                <Box variant="small" display="block" color="text-body-secondary">
                  <span className="name">{step.label}</span>
                </Box>
              )}
            </>
          ),
        },
        { id: "state", header: words.runs.state, minWidth: 150, cell: (step) => <StepStateLabel state={step.state} /> },
        {
          id: "started",
          header: words.runs.started,
          minWidth: 90,
          cell: (step) => (step.started ? format.clockExact(step.started) : words.none),
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
              <div>{step.error ?? tellSummary(step, language)}</div>
              {run.dry_run && <Resources result={step.result} names={run.names} />}
              <Box variant="small" display="block">
                <Progress step={step} />
                {step.ended === null && (
                  <div>
                    <Remaining run={run} step={step} />
                  </div>
                )}
              </Box>
            </>
          ),
        },
      ])}
    />
  );
}

/** How far a step is, and what it waits for. */
export function progress(step: Step, words: Words, format: Format, now = Date.now()): string {
  const say = words.run;
  const said = [
    step.items !== null && say.items(step.items_done ?? 0, step.items),
    step.state === "waiting" && step.waiting_for && say.waiting(words.told(step.waiting_for)),
    step.state === "waiting" && step.until !== null && say.looksAgain(format.duration(left(step.until, now))),
    step.looks > 1 && say.looks(step.looks),
    step.retries > 0 && say.retries(step.retries),
  ].filter((part): part is string => typeof part === "string" && part !== "");
  return words.and(said);
}

/** Seconds that are left. */
const left = (until: string, now: number): number => Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));

/** The same as `progress`, which goes on by the second while the step waits. */
export function Progress({ step }: { step: Step }) {
  const words = useWords();
  const format = useFormat();
  const now = useClock(step.state === "waiting" && step.until !== null);
  return progress(step, words, format, now);
}
