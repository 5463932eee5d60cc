/** Everything about one flow. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import Tabs from "@cloudscape-design/components/tabs";
import { lazy, Suspense } from "react";

import { useFlow } from "../api/queries";
import type { Schemas } from "../api/client";
import type { FlowDetail } from "../api/types";
import { FlowDeadlines } from "../deadlines/labels";
import { useDeadlineWords } from "../deadlines/words";
import { Star } from "../flows/star";
import { useFormat, useWords } from "../i18n/language";
import RunList from "../panels/run-list";
import { StartButton } from "../start/button";
import { FlowActions } from "../ui/flow-actions";
import { useFitting } from "../ui/fitting";
import { FlowLink } from "../ui/links";
import { Loaded, Waiting } from "../ui/loaded";
import { Pairs } from "../ui/pairs";
import { ScheduleWords, Starters } from "../ui/starters";
import { StandingLabel } from "../ui/states";
import { useInLanguage, useTitleOf } from "../ui/user";

type DueTime = Schemas["DueTime"];

const FlowDrawing = lazy(() => import("../graph/drawing"));
const OpenList = lazy(() => import("../open/list"));
const Source = lazy(() => import("../ui/source"));
const Json = lazy(() => import("../ui/json"));

export default function Flow({ name }: { name: string }) {
  const words = useWords();
  const flow = useFlow(name);
  const title = useTitleOf()(name);
  const summary = useInLanguage()(flow.data?.doc ?? "", flow.data?.doc_ja ?? "").split("\n")[0];
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={title ? name : summary}
          actions={
            flow.data && (
              <SpaceBetween direction="horizontal" size="xs">
                <Star flow={flow.data} />
                <FlowActions flow={flow.data} named />
                <StartButton flow={flow.data} variant="primary" />
              </SpaceBetween>
            )
          }
        >
          {title ?? name}
        </Header>
      }
    >
      <Loaded query={flow}>
        {(data) => (
          <SpaceBetween size="l">
            <Suspense>
              <OpenList hidden header={<Header variant="h2">{words.open.needed}</Header>} of={{ flow: name }} />
            </Suspense>
            <Overview flow={data} />
            <Container header={<Header variant="h2">{words.flow.graph}</Header>}>
              <Suspense fallback={<Waiting />}>
                <FlowDrawing flow={title ?? name} tree={data.tree} graph={data.graph} />
              </Suspense>
            </Container>
            <Tabs
              variant="container"
              tabs={[
                { id: "history", label: words.flow.history, content: <RunList flow={name} /> },
                { id: "next", label: words.flow.nextTimes, content: <NextTimes flow={data} /> },
                {
                  id: "source",
                  label: words.flow.source,
                  content: (
                    <Suspense fallback={<Waiting />}>
                      <SpaceBetween size="xs">
                        <Box variant="small">{words.flow.line(data.file, data.line)}</Box>
                        <Source code={data.source} label={words.flow.source} />
                      </SpaceBetween>
                    </Suspense>
                  ),
                },
                { id: "permissions", label: words.flow.permissions, content: <Permissions flow={data} /> },
              ]}
            />
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}

function Overview({ flow }: { flow: FlowDetail }) {
  const words = useWords();
  const format = useFormat();
  const say = words.flow;
  const deadlines = useDeadlineWords();
  const { hold, skip_next } = flow.standing;
  const titled = useTitleOf()(flow.name) !== null;
  const doc = useInLanguage()(flow.doc, flow.doc_ja) ?? "";
  // Without a title the first line of the text is already in the header.
  const rest = titled ? doc : doc.slice((doc.split("\n")[0] ?? "").length).trim();
  const links = (names: string[]) =>
    names.map((each) => (
      <div key={each}>
        <FlowLink flow={each} />
      </div>
    ));
  return (
    <Container header={<Header variant="h2">{say.overview}</Header>}>
      <SpaceBetween size="l">
        {rest !== "" && <div style={{ whiteSpace: "pre-line" }}>{rest}</div>}
        <Pairs
          items={[
            {
              label: say.standing,
              value:
                hold || skip_next ? (
                  <>
                    <StandingLabel standing={flow.standing} />
                    {hold?.by && hold.since && (
                      <Box variant="small">{say.heldBy(hold.by, format.moment(hold.since))}</Box>
                    )}
                  </>
                ) : (
                  <StatusIndicator type="success">{say.ready}</StatusIndicator>
                ),
            },
            {
              label: words.flows.trigger,
              value: <Starters flow={flow} />,
            },
            { label: words.flows.next, value: flow.next ? format.moment(flow.next) : words.none },
            { label: say.timeout, value: flow.timeout === null ? words.none : format.duration(flow.timeout) },
            ...(flow.deadlines.length > 0
              ? [{ label: deadlines.title, value: <FlowDeadlines deadlines={flow.deadlines} /> }]
              : []),
            {
              label: say.operators,
              value: flow.operators.length > 0 ? words.and(flow.operators) : say.onlyAdmins,
            },
            ...(flow.calls.length > 0 ? [{ label: say.calls, value: links(flow.calls) }] : []),
            ...(flow.called_by.length > 0 ? [{ label: say.calledBy, value: links(flow.called_by) }] : []),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

function NextTimes({ flow }: { flow: FlowDetail }) {
  const words = useWords();
  const format = useFormat();
  return (
    <Table
      variant="borderless"
      items={flow.next_times}
      wrapLines
      trackBy={({ time, expression }) => `${time} ${expression}`}
      ariaLabels={{ tableLabel: words.flow.nextTimes }}
      empty={words.flow.noTimes}
      columnDefinitions={useFitting<DueTime>([
        { id: "time", header: words.flow.time, isRowHeader: true, cell: ({ time }) => format.moment(time) },
        ...(flow.schedule
          ? [
              {
                id: "zone",
                header: flow.schedule.timezone,
                cell: ({ time }: DueTime) => format.moment(time, flow.schedule?.timezone),
              },
            ]
          : []),
        {
          id: "expression",
          header: words.flow.expression,
          cell: ({ expression }) => <ScheduleWords {...{ expression, timezone: flow.schedule?.timezone ?? "UTC" }} />,
        },
        {
          id: "state",
          header: words.runs.state,
          cell: ({ skipped }) =>
            skipped ? (
              <StatusIndicator type="not-started">{words.told(skipped)}</StatusIndicator>
            ) : (
              <StatusIndicator type="pending">{words.flow.willRun}</StatusIndicator>
            ),
        },
      ])}
    />
  );
}

function Permissions({ flow }: { flow: FlowDetail }) {
  const words = useWords();
  const lines = (all: string[]) => all.map((each) => <div key={each}>{each}</div>);
  return (
    <Table
      variant="borderless"
      items={flow.permissions}
      wrapLines
      ariaLabels={{ tableLabel: words.flow.permissions }}
      empty={words.none}
      columnDefinitions={useFitting<FlowDetail["permissions"][number]>([
        { id: "part", header: words.flow.part, isRowHeader: true, cell: ({ part }) => part },
        { id: "actions", header: words.flow.actions, cell: ({ actions }) => lines(actions) },
        { id: "resources", header: words.flow.resources, minWidth: 200, cell: ({ resources }) => lines(resources) },
        {
          id: "condition",
          header: words.flow.condition,
          minWidth: 220,
          cell: ({ condition }) =>
            condition === null || JSON.stringify(condition) === "{}" ? (
              words.none
            ) : (
              <Suspense>
                <Json value={condition} label={words.flow.condition} />
              </Suspense>
            ),
        },
      ])}
    />
  );
}
