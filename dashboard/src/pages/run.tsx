/** One run: what happened, live while it goes on. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { lazy, Suspense, useMemo, useState } from "react";

import { useFlow, useRun } from "../api/queries";
import type { RunDetail } from "../api/types";
import { RunDeadlines } from "../deadlines/labels";
import { useDeadlineWords } from "../deadlines/words";
import { happened } from "../graph/happened";
import { useFormat, useWords } from "../i18n/language";
import { RunActions } from "../run/actions";
import { Remaining } from "../run/remaining";
import { Steps } from "../run/steps";
import { StepsDialog } from "../run/steps-dialog";
import { useStepTitles } from "../run/titles";
import { useRunWords } from "../run/words";
import { useFitting } from "../ui/fitting";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded, Waiting } from "../ui/loaded";
import { Pairs } from "../ui/pairs";
import { useRemedy } from "../ui/remedy";
import { DryRunBadge, RunStateLabel } from "../ui/states";
import { tellCounts, tellTrigger } from "../ui/telling";
import { useTitleOf } from "../ui/user";
import { Whole, WholeNames } from "../ui/whole";

const Approvals = lazy(() => import("../approvals/list"));
const OpenList = lazy(() => import("../open/list"));
const Places = lazy(() => import("../run/places"));
const FlowDrawing = lazy(() => import("../graph/drawing"));
const TimeLine = lazy(() => import("../graph/time-line"));
const Json = lazy(() => import("../ui/json"));

export default function Run({ flow, name }: { flow: string; name: string }) {
  const words = useWords();
  const format = useFormat();
  const run = useRun(flow, name);
  const titleOf = useTitleOf();
  const [chosen, setChosen] = useState<string | null>(null);
  const steps = useMemo(() => happened(run.data?.steps ?? []), [run.data?.steps]);
  const started = run.data && format.moment(run.data.started);
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={run.data && <RunActions run={run.data} />}>
          {started ? <Whole text={words.run.title(titleOf(flow) ?? flow, started)} part={started} /> : flow}
        </Header>
      }
    >
      <Loaded query={run}>
        {(data) => (
          <SpaceBetween size="l">
            <Trouble run={data} />
            <Suspense>
              <OpenList hidden header={<Header variant="h2">{words.open.needed}</Header>} of={{ flow, run: name }} />
            </Suspense>
            {data.state === "RUNNING" && (
              <Suspense>
                <Approvals run={data.id} quiet />
              </Suspense>
            )}
            <Overview run={data} />
            {data.places.length > 0 && (
              <Suspense>
                <Places run={data} />
              </Suspense>
            )}
            <Container
              header={
                <Header
                  variant="h2"
                  info={
                    data.state === "RUNNING" && <StatusIndicator type="in-progress">{words.run.live}</StatusIndicator>
                  }
                >
                  {words.run.graph}
                </Header>
              }
            >
              <Graph run={data} steps={steps} onSelect={setChosen} />
            </Container>
            <Steps run={data} onSelect={setChosen} />
            {data.mails.length > 0 && <Mails run={data} />}
            {data.output !== null && (
              <Container header={<Header variant="h2">{words.run.output}</Header>}>
                <Suspense fallback={<Waiting />}>
                  <Json value={data.output} label={words.run.output} />
                </Suspense>
              </Container>
            )}
            {chosen !== null && (
              <StepsDialog
                run={data}
                node={chosen}
                steps={steps.get(chosen)?.steps ?? []}
                onClose={() => setChosen(null)}
              />
            )}
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}

function Graph({
  run,
  ...props
}: {
  run: RunDetail;
  steps: ReturnType<typeof happened>;
  onSelect: (node: string) => void;
}) {
  const flow = useFlow(run.flow);
  return (
    <Loaded query={flow}>
      {({ tree, graph }) => (
        <Suspense fallback={<Waiting />}>
          <SpaceBetween size="l">
            <FlowDrawing flow={run.flow} tree={tree} graph={graph} {...props} />
            {run.steps.length > 0 && <TimeLine run={run} {...props} />}
          </SpaceBetween>
        </Suspense>
      )}
    </Loaded>
  );
}

/** Why it failed, and what to do. */
function Trouble({ run }: { run: RunDetail }) {
  const words = useWords();
  const say = words.run;
  const { notRedrivable } = useRunWords();
  const remedy = useRemedy();
  if (run.skipped)
    return (
      <Alert type="info" header={say.skippedTitle}>
        {words.told(run.skipped)}
      </Alert>
    );
  if (run.state === "RUNNING" || run.state === "SUCCEEDED" || run.state === "SKIPPED") return null;
  const header =
    run.state === "ABORTED"
      ? say.abortedTitle
      : run.state === "TIMED_OUT"
        ? say.timedOutTitle
        : say.failedTitle(run.error ?? "");
  return (
    <Alert type={run.state === "ABORTED" ? "warning" : "error"} header={header}>
      <SpaceBetween size="s">
        {run.cause && (
          <div style={{ whiteSpace: "pre-line" }}>
            <WholeNames text={words.told(run.cause)} />
          </div>
        )}
        {run.not_redrivable && <div>{notRedrivable[run.not_redrivable]}</div>}
        {run.advice && (
          <div>
            <Box variant="awsui-key-label">{say.why}</Box>
            <div style={{ whiteSpace: "pre-line" }}>{remedy(run.advice)}</div>
          </div>
        )}
      </SpaceBetween>
    </Alert>
  );
}

function Overview({ run }: { run: RunDetail }) {
  const words = useWords();
  const format = useFormat();
  const deadlines = useDeadlineWords();
  const parameters = Object.entries(run.parameters);
  const { trigger } = run;
  return (
    <Container header={<Header variant="h2">{words.run.overview}</Header>}>
      <SpaceBetween size="m">
        <Pairs
          items={[
            {
              label: words.runs.state,
              value: (
                <SpaceBetween direction="horizontal" size="xs">
                  <span data-run-state={run.state}>
                    <RunStateLabel state={run.state} />
                  </span>
                  {run.dry_run && <DryRunBadge />}
                </SpaceBetween>
              ),
            },
            { label: words.runs.flow, value: <FlowLink flow={run.flow} /> },
            {
              label: words.runs.trigger,
              value:
                trigger.type === "flow" && trigger.flow && trigger.execution ? (
                  <RunLink flow={trigger.flow} name={trigger.execution.slice(trigger.execution.lastIndexOf(":") + 1)}>
                    {tellTrigger(trigger, words, format)}
                  </RunLink>
                ) : (
                  tellTrigger(trigger, words, format)
                ),
            },
            { label: words.runs.result, value: tellCounts(run.counts, words, run.dry_run) || words.none },
            { label: words.runs.started, value: format.exact(run.started) },
            { label: words.run.ended, value: run.ended ? format.exact(run.ended) : words.none },
            {
              label: words.runs.duration,
              value: (
                <>
                  {run.duration === null ? words.none : format.duration(run.duration)}
                  <Box variant="small" display="block">
                    <Remaining run={run} />
                  </Box>
                </>
              ),
            },
            ...(run.deadlines.length > 0
              ? [{ label: deadlines.title, value: <RunDeadlines deadlines={run.deadlines} /> }]
              : []),
            ...(run.redrives > 0 ? [{ label: words.run.redrives, value: format.number(run.redrives) }] : []),
            {
              label: words.run.parameters,
              value:
                parameters.length === 0
                  ? words.run.noParameters
                  : parameters.map(([name, value]) => <div key={name}>{`${name} = ${JSON.stringify(value)}`}</div>),
            },
          ]}
        />
        {trigger.reason && <Box color="text-body-secondary">{trigger.reason}</Box>}
        {run.console && (
          <Link external href={run.console}>
            {words.run.console}
          </Link>
        )}
        {!run.from_history && <Box variant="small">{words.run.recorded}</Box>}
      </SpaceBetween>
    </Container>
  );
}

function Mails({ run: { flow, mails } }: { run: RunDetail }) {
  const words = useWords();
  const titleOf = useStepTitles(flow);
  return (
    <Table
      header={<Header variant="h2">{words.run.mails}</Header>}
      items={mails}
      wrapLines
      ariaLabels={{ tableLabel: words.run.mails }}
      columnDefinitions={useFitting<RunDetail["mails"][number]>([
        {
          id: "subject",
          header: words.run.mailSubject,
          isRowHeader: true,
          cell: ({ subject }) => subject ?? words.run.noSubject,
        },
        { id: "to", header: words.run.mailTo, cell: ({ to }) => words.and(to) },
        { id: "step", header: words.run.mailStep, cell: ({ step }) => titleOf(step) ?? step },
      ])}
    />
  );
}
