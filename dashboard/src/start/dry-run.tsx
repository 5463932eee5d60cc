/** A dry run while it goes on, and what it found. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import LiveRegion from "@cloudscape-design/components/live-region";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useEffect, useEffectEvent } from "react";

import { useRun } from "../api/queries";
import { useLanguage, useWords } from "../i18n/language";
import { Resources } from "../run/resources";
import { Waiting } from "../ui/loaded";
import { ProblemAlert } from "../ui/problem";
import { useRemedy } from "../ui/remedy";
import { StepStateLabel } from "../ui/states";
import { tellCounts, tellSummary } from "../ui/telling";

interface Props {
  flow: string;
  name: string;
  onEnd: () => void;
}

export function DryRun({ flow, name, onEnd }: Props) {
  const words = useWords();
  const say = words.start;
  const { language } = useLanguage();
  const remedy = useRemedy();
  const { data: run, error } = useRun(flow, name);
  const state = run?.state;
  const ended = useEffectEvent(onEnd);
  useEffect(() => {
    if (state !== undefined && state !== "RUNNING") ended();
  }, [state]);
  if (!run) return error ? <ProblemAlert error={error} /> : <Waiting />;
  return (
    <SpaceBetween size="m">
      <LiveRegion>
        {run.state === "RUNNING" ? (
          <Alert type="info">{say.dryRunning}</Alert>
        ) : run.state === "SUCCEEDED" ? (
          <Alert type="success">{say.dryRunDone}</Alert>
        ) : (
          <Alert type="error" header={say.dryRunFailed}>
            {(run.advice && remedy(run.advice)) ?? words.told(run.cause ?? run.error ?? "")}
          </Alert>
        )}
      </LiveRegion>
      <Table
        variant="embedded"
        contentDensity="compact"
        wrapLines
        ariaLabels={{ tableLabel: words.run.steps }}
        items={run.steps}
        trackBy="label"
        empty={words.run.noSteps}
        columnDefinitions={[
          { id: "step", header: words.run.step, isRowHeader: true, cell: (step) => step.label },
          { id: "state", header: words.runs.state, cell: (step) => <StepStateLabel state={step.state} /> },
          {
            id: "result",
            header: words.runs.result,
            cell: (step) => (
              <>
                {step.counts && <Box>{tellCounts(step.counts, words, true) || words.counts.nothing}</Box>}
                {tellSummary(step, language) && <Box color="text-body-secondary">{tellSummary(step, language)}</Box>}
                <Resources result={step.result} names={run.names} />
              </>
            ),
          },
        ]}
      />
    </SpaceBetween>
  );
}
