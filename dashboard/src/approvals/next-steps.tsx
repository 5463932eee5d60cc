/** What a flow would do next, in words; and, by a dry run on request, to which resources. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import LiveRegion from "@cloudscape-design/components/live-region";
import { useState } from "react";

import { useDryRunOfQuestion, useFlow, useRun } from "../api/queries";
import type { Approval, RunDetail, TreeNode } from "../api/types";
import { plain } from "../graph/plain";
import { useTreeWords } from "../graph/words";
import { useWords } from "../i18n/language";
import { Resources } from "../run/resources";
import { Loaded } from "../ui/loaded";
import { ProblemAlert } from "../ui/problem";
import { useRemedy } from "../ui/remedy";
import { tellCounts } from "../ui/telling";
import { useInLanguage } from "../ui/user";
import { following } from "./following";
import { useApprovalWords } from "./words";
import { told } from "./would";

const SHOWN = 12;

interface Props {
  question: Approval;
  /** Whether the user may have a dry run made. */
  asks: boolean;
}

export function NextSteps({ question, asks }: Props) {
  const say = useApprovalWords();
  const [started, setStarted] = useState<string | null>(null);
  return (
    <div>
      <Box variant="awsui-key-label">{say.next}</Box>
      {started === null ? <Steps question={question} /> : <DryRunOfSteps question={question} name={started} />}
      {asks && started === null && <AskDryRun question={question} onStart={setStarted} />}
    </div>
  );
}

function AskDryRun({ question, onStart }: { question: Approval; onStart: (name: string) => void }) {
  const say = useApprovalWords();
  const start = useDryRunOfQuestion();
  const [key] = useState(() => crypto.randomUUID());
  return (
    <>
      <Button
        variant="inline-link"
        loading={start.isPending}
        onClick={() => start.mutate({ question, key }, { onSuccess: ({ name }) => onStart(name) })}
      >
        {say.dryRun}
      </Button>
      {start.error && <ProblemAlert error={start.error} />}
    </>
  );
}

/** What was asked for in a dry run: it goes through the whole flow as things are now, and takes the approval as given. */
function DryRunOfSteps({ question, name }: { question: Approval; name: string }) {
  const say = useApprovalWords();
  const words = useWords();
  const remedy = useRemedy();
  const run = useRun(question.flow, name);
  return (
    <Loaded query={run}>
      {(found) => (
        <>
          <Steps question={question} dryRun={found} />
          <LiveRegion>
            <Box variant="small">
              {found.state === "RUNNING"
                ? say.dryRunTells.running
                : found.state === "SUCCEEDED"
                  ? say.dryRunTells.ended
                  : `${say.dryRunTells.failed}: ${(found.advice && remedy(found.advice)) ?? words.told(found.cause ?? found.error ?? "")}`}
            </Box>
          </LiveRegion>
        </>
      )}
    </Loaded>
  );
}

function Steps({ question, dryRun }: { question: Approval; dryRun?: RunDetail }) {
  const say = useApprovalWords();
  const inWords = useTold();
  const detail = useFlow(question.flow);
  return (
    <Loaded query={detail}>
      {({ tree }) => {
        const steps = following(tree, question.step);
        return (
          <ul className="next-steps">
            {steps.length === 0 && <li>{say.nothing}</li>}
            {steps.slice(0, SHOWN).map(({ node, depth }) => (
              <li key={node.id} style={{ marginInlineStart: `${String(depth)}em` }}>
                {inWords(node)}
                {dryRun && <Would node={node} tree={tree} run={dryRun} />}
              </li>
            ))}
            {steps.length > SHOWN && <li>{say.more(steps.length - SHOWN)}</li>}
          </ul>
        );
      }}
    </Loaded>
  );
}

/** What a dry run says of a step. */
function Would({ node, tree, run }: { node: TreeNode; tree: readonly TreeNode[]; run: RunDetail }) {
  const words = useWords();
  const say = useApprovalWords();
  return told(node, tree, run.steps).map(({ key, error, counts, result, together }) => (
    <Box key={key} color="text-body-secondary">
      {together && `${say.together}: `}
      {error ?? (counts && (tellCounts(counts, words, true) || words.counts.nothing))}
      <Resources result={result} names={run.names} />
    </Box>
  ));
}

/** A statement in words, as the drawing of the flow has them. */
function useTold(): (node: TreeNode) => string {
  const say = useTreeWords();
  const inLanguage = useInLanguage();
  return ({ kind, title, title_ja, code }) => {
    const shown = inLanguage(title, title_ja);
    switch (kind) {
      case "if":
        return say.if(shown);
      case "raise":
        return say.raise(shown);
      case "except":
        return say.except(shown);
      case "return":
        return code ? `${say.return}: ${plain(code)}` : say.return;
      case "then":
      case "else":
      case "try":
      case "body":
      case "finally":
      case "break":
      case "continue":
        return say[kind];
      default:
        return shown || code;
    }
  };
}
