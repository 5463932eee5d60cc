/** What the steps of one node returned, or why they failed. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { lazy, Suspense } from "react";

import type { RunDetail, Step } from "../api/types";
import { useFormat, useLanguage, useWords } from "../i18n/language";
import { Waiting } from "../ui/loaded";
import { StepStateLabel } from "../ui/states";
import { tellCounts, tellSummary } from "../ui/telling";
import { Remaining } from "./remaining";
import { Resources } from "./resources";
import { Progress } from "./steps";
import { useStepTitles } from "./titles";
import { WhatToDo } from "./what-to-do";

const LogLines = lazy(() => import("./log-lines"));
const Json = lazy(() => import("../ui/json"));

interface Props {
  /** Whose steps they are. */
  run: RunDetail;
  node: string;
  steps: readonly Step[];
  onClose: () => void;
}

export function StepsDialog({ run, node, steps, onClose }: Props) {
  const words = useWords();
  const title = useStepTitles(run.flow)(node);
  return (
    <Modal
      visible
      size="large"
      header={title ?? node}
      closeAriaLabel={words.close}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button onClick={onClose}>{words.close}</Button>
        </Box>
      }
    >
      <SpaceBetween size="s">
        {title && steps[0]?.part && steps[0].part !== node && (
          <Box variant="small" color="text-body-secondary">
            {node}
          </Box>
        )}
        {steps.length === 1 && steps[0] ? (
          <Details step={steps[0]} run={run} />
        ) : (
          steps.map((step) => (
            <ExpandableSection key={step.label} headerText={step.label} headerDescription={words.step[step.state]}>
              <Details step={step} run={run} />
            </ExpandableSection>
          ))
        )}
        {steps.some(({ part }) => part) && (
          <Suspense>
            <LogLines flow={run.flow} name={run.name} step={node} />
          </Suspense>
        )}
      </SpaceBetween>
    </Modal>
  );
}

function Details({ step, run }: { step: Step; run: RunDetail }) {
  const words = useWords();
  const format = useFormat();
  const { language } = useLanguage();
  const summary = tellSummary(step, language);
  const counts = step.counts && tellCounts(step.counts, words, run.dry_run);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="s">
        <StepStateLabel state={step.state} />
        {step.part && <Box variant="code">{step.part}</Box>}
        {counts && <span>{counts}</span>}
        {step.duration !== null && <span>{format.duration(step.duration)}</span>}
        <span>
          <Progress step={step} />
        </span>
        {step.ended === null && <Remaining run={run} step={step} />}
      </SpaceBetween>
      {step.error && (
        <Alert type={step.state === "failed" ? "error" : "warning"} header={step.error}>
          <SpaceBetween size="s">
            <div style={{ whiteSpace: "pre-line" }}>{words.told(step.cause ?? "")}</div>
            <WhatToDo failures={step.failures} />
          </SpaceBetween>
        </Alert>
      )}
      {summary && <div>{summary}</div>}
      <Resources result={step.result} names={run.names} />
      {step.result !== null && (
        // Folded: it may be longer than the window, and the log lines stand below it.
        <ExpandableSection headerText={words.run.details}>
          <Suspense fallback={<Waiting />}>
            <Json value={step.result} label={words.run.details} />
          </Suspense>
        </ExpandableSection>
      )}
    </SpaceBetween>
  );
}
