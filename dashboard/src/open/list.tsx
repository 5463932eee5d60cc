/** What needs someone, the latest first, each with what to do and a button to acknowledge it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useState, type ReactNode } from "react";

import { useOpen } from "../api/queries";
import type { OpenItem } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { PagedTable } from "../ui/paged";
import { useRemedy } from "../ui/remedy";
import { Sign } from "../ui/states";
import { WholeNames } from "../ui/whole";

const Acknowledge = lazy(() => import("./acknowledge"));

interface Props {
  /** Of the table; nothing inside of a panel, which has its own. */
  header?: ReactNode;
  /** Show nothing at all when nothing is open. */
  hidden?: boolean;
  /** Only what is open in this flow, or by one of its runs. */
  of?: { flow: string; run?: string };
  columns?: Columns;
}

export default function OpenList({ header, hidden = false, of, columns }: Props) {
  const words = useWords();
  const say = words.open;
  const open = useOpen();
  const narrow = useNarrow();
  const [chosen, setChosen] = useState<OpenItem | null>(null);
  const only = (item: OpenItem) => !of || (item.flow === of.flow && (of.run === undefined || item.run === of.run));
  const acknowledge = (item: OpenItem) => (
    <Button wrapText={false} ariaLabel={say.acknowledgeOf(`${item.flow}/${item.key}`)} onClick={() => setChosen(item)}>
      {say.acknowledge}
    </Button>
  );
  if (hidden && !open.data?.items.some(only)) return null;
  return (
    <Loaded query={open}>
      {({ items }) => (
        <>
          <PagedTable
            {...(header === undefined ? { variant: "borderless", contentDensity: "compact" } : { header })}
            items={items.filter(only)}
            trackBy={({ flow, key }) => `${flow}/${key}`}
            wrapLines
            ariaLabels={{ tableLabel: say.title }}
            empty={<StatusIndicator type="success">{say.empty}</StatusIndicator>}
            columnDefinitions={
              narrow
                ? [
                    {
                      id: "item",
                      header: say.what,
                      isRowHeader: true,
                      cell: (item) => (
                        <SpaceBetween size="xs">
                          {!of && <FlowLink flow={item.flow} />}
                          <Kind item={item} />
                          <Since item={item} />
                          <Why item={item} brief={!!of?.run} />
                          {acknowledge(item)}
                        </SpaceBetween>
                      ),
                    },
                  ]
                : shownColumns<OpenItem>(
                    [
                      {
                        id: "flow",
                        header: words.runs.flow,
                        isRowHeader: !of,
                        minWidth: 190,
                        cell: ({ flow }) => <FlowLink flow={flow} />,
                      },
                      {
                        id: "kind",
                        header: say.what,
                        isRowHeader: !!of,
                        minWidth: 140,
                        cell: (item) => <Kind item={item} />,
                      },
                      { id: "time", header: say.since, minWidth: 150, cell: (item) => <Since item={item} /> },
                      {
                        id: "why",
                        header: say.why,
                        minWidth: 240,
                        cell: (item) => <Why item={item} brief={!!of?.run} />,
                      },
                      { id: "acknowledge", header: words.actions, minWidth: 170, cell: acknowledge },
                    ],
                    columns,
                    of ? ["flow"] : [],
                  )
            }
          />
          {chosen && (
            <Suspense>
              <Acknowledge item={chosen} onClose={() => setChosen(null)} />
            </Suspense>
          )}
        </>
      )}
    </Loaded>
  );
}

function Kind({ item: { kind } }: { item: OpenItem }) {
  return <Sign type="error">{useWords().open.kinds[kind] ?? kind}</Sign>;
}

/** When it happened, a link to the run if there is one. */
function Since({ item: { flow, run, time } }: { item: OpenItem }) {
  const told = useFormat().moment(time);
  return run ? (
    <RunLink flow={flow} name={run}>
      {told}
    </RunLink>
  ) : (
    told
  );
}

/** Why, and what to do, where the page does not say that itself. */
function Why({ item: { why, what_to_do: todo }, brief }: { item: OpenItem; brief: boolean }) {
  const words = useWords();
  const remedy = useRemedy();
  const told = why && words.told((brief ? why.split("\n")[0] : why) ?? why);
  return (
    <>
      <span className="phrases" style={{ whiteSpace: "pre-line" }}>
        <WholeNames text={told ?? words.none} />
      </span>
      {todo && !brief && (
        <Box variant="small" display="block">
          {words.open.toDo(remedy(todo))}
        </Box>
      )}
    </>
  );
}
