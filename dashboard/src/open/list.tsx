/** What needs someone, the latest first, each with what to do and a button to acknowledge it. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { lazy, Suspense, useState, type ReactNode } from "react";

import { useOpen } from "../api/queries";
import type { OpenItem } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useRemedy } from "../ui/remedy";

const Acknowledge = lazy(() => import("./acknowledge"));

interface Props {
  /** Of the table; nothing inside of a panel, which has its own. */
  header?: ReactNode;
  /** Show nothing at all when nothing is open. */
  hidden?: boolean;
  /** Only what this takes. */
  only?: (item: OpenItem) => boolean;
  columns?: Columns;
}

export default function OpenList({ header, hidden = false, only = () => true, columns }: Props) {
  const words = useWords();
  const say = words.open;
  const format = useFormat();
  const remedy = useRemedy();
  const open = useOpen();
  const [chosen, setChosen] = useState<OpenItem | null>(null);
  if (hidden && !open.data?.items.some(only)) return null;
  return (
    <Loaded query={open}>
      {({ items }) => (
        <>
          <Table
            {...(header === undefined ? { variant: "borderless", contentDensity: "compact" } : { header })}
            items={items.filter(only)}
            trackBy={({ flow, key }) => `${flow}/${key}`}
            wrapLines
            ariaLabels={{ tableLabel: say.title }}
            empty={<StatusIndicator type="success">{say.empty}</StatusIndicator>}
            columnDefinitions={shownColumns<OpenItem>(
              [
                {
                  id: "flow",
                  header: words.runs.flow,
                  isRowHeader: true,
                  minWidth: 160,
                  cell: ({ flow }) => <FlowLink flow={flow} />,
                },
                {
                  id: "kind",
                  header: say.what,
                  minWidth: 140,
                  cell: ({ kind }) => <StatusIndicator type="error">{say.kinds[kind] ?? kind}</StatusIndicator>,
                },
                {
                  id: "time",
                  header: say.since,
                  minWidth: 130,
                  cell: ({ flow, run, time }) =>
                    run ? (
                      <RunLink flow={flow} name={run}>
                        {format.moment(time)}
                      </RunLink>
                    ) : (
                      format.moment(time)
                    ),
                },
                {
                  id: "why",
                  header: say.why,
                  minWidth: 240,
                  cell: ({ why, what_to_do: todo }) => (
                    <>
                      <span style={{ whiteSpace: "pre-line" }}>{why ?? words.none}</span>
                      {todo && (
                        <Box variant="small" display="block">
                          {say.toDo(remedy(todo))}
                        </Box>
                      )}
                    </>
                  ),
                },
                {
                  id: "acknowledge",
                  header: words.actions,
                  minWidth: 170,
                  cell: (item) => (
                    <Button
                      wrapText={false}
                      ariaLabel={say.acknowledgeOf(`${item.flow}/${item.key}`)}
                      onClick={() => setChosen(item)}
                    >
                      {say.acknowledge}
                    </Button>
                  ),
                },
              ],
              columns,
            )}
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
