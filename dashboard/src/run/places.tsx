/** The accounts and Regions of a run: those in which something failed first, the others folded. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table, { type TableProps } from "@cloudscape-design/components/table";

import type { RunDetail } from "../api/types";
import { useWords } from "../i18n/language";
import { useNarrow } from "../ui/narrow";
import { usePaged } from "../ui/paged";
import { useRemedy } from "../ui/remedy";
import { tellCounts } from "../ui/telling";
import { WholeNames } from "../ui/whole";
import { gathered, grouped, type Group } from "./groups";
import { useRunWords } from "./words";

/** Rows that are read in a minute. */
const SIZE = 10;

const SIGNS = { failed: "error", running: "in-progress", not_started: "not-started", done: "success" } as const;

export default function Places({ run }: { run: RunDetail }) {
  const say = useRunWords().places;
  const { troubled, waiting, well } = gathered(run.places);
  const said = Object.entries(SIGNS).flatMap(([state, sign]) => {
    const count = run.places.filter((place) => place.state === state).length;
    const key = state as keyof typeof SIGNS;
    return count > 0 ? [{ state: key, sign, text: say.count[key](count) }] : [];
  });
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${run.places.length})`}>
          {say.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <SpaceBetween direction="horizontal" size="m">
          {said.map(({ state, sign, text }) => (
            <StatusIndicator key={state} type={sign}>
              {text}
            </StatusIndicator>
          ))}
        </SpaceBetween>
        {troubled.length > 0 && <Rows title={say.troubled} groups={grouped(troubled)} causes />}
        {waiting.length > 0 && (
          <ExpandableSection headerText={say.count.not_started(waiting.length)}>
            <Rows title={say.waiting} groups={grouped(waiting)} />
          </ExpandableSection>
        )}
        {well.length > 0 && (
          <ExpandableSection headerText={say.wentWell(well.length, grouped(well).length)}>
            <Rows title={say.well} groups={grouped(well)} dryRun={run.dry_run} counts />
          </ExpandableSection>
        )}
      </SpaceBetween>
    </Container>
  );
}

interface RowsProps {
  title: string;
  groups: readonly Group[];
  causes?: boolean;
  counts?: boolean;
  dryRun?: boolean;
}

function Rows({ title, groups, causes, counts, dryRun }: RowsProps) {
  const words = useWords();
  const say = useRunWords().places;
  const narrow = useNarrow();
  const { page, pagination } = usePaged(groups, SIZE);
  const all: (TableProps.ColumnDefinition<Group> | false | undefined)[] = [
    {
      id: "account",
      header: narrow ? say.title : say.account,
      isRowHeader: true,
      minWidth: 120,
      cell: (group) => <Account group={group} regions={narrow} />,
    },
    !narrow && {
      id: "regions",
      header: say.regions,
      minWidth: 140,
      cell: ({ regions }) => <WholeNames text={words.and(regions)} />,
    },
    counts && {
      id: "result",
      header: words.runs.result,
      minWidth: 110,
      cell: (group) => tellCounts(group.counts, words, dryRun) || words.none,
    },
    causes &&
      !narrow && { id: "state", header: words.runs.state, minWidth: 130, cell: (group) => <State group={group} /> },
    causes && {
      id: "cause",
      header: say.cause,
      minWidth: narrow ? 180 : 260,
      cell: (group) => (
        <>
          {narrow && <State group={group} />}
          <Cause group={group} />
          {narrow && <Remedy group={group} />}
        </>
      ),
    },
    causes &&
      !narrow && { id: "todo", header: words.run.why, minWidth: 220, cell: (group) => <Remedy group={group} /> },
  ];
  return (
    <Table
      variant="embedded"
      items={page}
      trackBy="key"
      wrapLines
      ariaLabels={{ tableLabel: title }}
      pagination={pagination}
      columnDefinitions={all.filter((column) => !!column)}
    />
  );
}

/** regions: on a phone they stand below, so that the cause is beside the account. */
function Account({ group: { account, name, regions }, regions: below }: { group: Group; regions: boolean }) {
  const words = useWords();
  const say = useRunWords().places;
  return (
    <>
      <div>{name || account || say.own}</div>
      {name && <Box variant="small">{account}</Box>}
      {below && (
        <div>
          <WholeNames text={words.and(regions)} />
        </div>
      )}
    </>
  );
}

function State({ group: { state } }: { group: Group }) {
  return <StatusIndicator type={SIGNS[state]}>{useRunWords().places.state[state]}</StatusIndicator>;
}

function Cause({ group: { state, error, cause } }: { group: Group }) {
  const words = useWords();
  const say = useRunWords().places;
  if (state !== "failed") return null;
  return (
    <>
      {error && <Box fontWeight="bold">{error}</Box>}
      <div style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
        <WholeNames text={cause ? words.told(cause) : error ? "" : say.ended} />
      </div>
    </>
  );
}

function Remedy({ group: { what_to_do: todo } }: { group: Group }) {
  const remedy = useRemedy();
  return todo && <div style={{ whiteSpace: "pre-line" }}>{remedy(todo)}</div>;
}
