/** Holding and releasing the flows that are chosen in a table. */
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { lazy, Suspense, useState } from "react";

import { useReleaseSome } from "../api/queries";
import type { Flow } from "../api/types";
import { useWords } from "../i18n/language";
import { useNotices } from "../ui/notices";
import { useHoldWords } from "./words";

const HoldSomeDialog = lazy(() => import("./dialogs").then(({ HoldSomeDialog }) => ({ default: HoldSomeDialog })));

/** What a table of flows needs so that some of them can be chosen, with the buttons above it. */
export function useChosenFlows(flows: readonly Flow[]): Partial<TableProps<Flow>> {
  const say = useHoldWords();
  const [names, setNames] = useState<readonly string[]>([]);
  const chosen = flows.filter(({ name }) => names.includes(name));
  return {
    selectionType: "multi",
    selectedItems: chosen,
    onSelectionChange: ({ detail }) => setNames(detail.selectedItems.map(({ name }) => name)),
    // What nothing starts by itself cannot be held.
    isItemDisabled: ({ schedule, alarm }) => !schedule && !alarm,
    ariaLabels: {
      selectionGroupLabel: say.ofChosen,
      allItemsSelectionLabel: () => say.chooseAll,
      itemSelectionLabel: (_, flow) => say.choose(flow.name),
    },
    header: <Chosen flows={chosen} onDone={() => setNames([])} />,
  };
}

function Chosen({ flows, onDone }: { flows: readonly Flow[]; onDone: () => void }) {
  const words = useWords();
  const say = useHoldWords();
  const notices = useNotices();
  const release = useReleaseSome();
  const [asking, setAsking] = useState(false);
  const names = flows.map(({ name }) => name);
  const releaseAll = () =>
    release.mutate(names, {
      onSuccess: ({ flows: released }) => {
        notices.say(say.released(released.length));
        onDone();
      },
      onError: (error) => notices.fail(words.act.release, error),
    });
  return (
    <>
      <Header
        counter={flows.length ? `(${say.chosen(flows.length)})` : ""}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={!flows.length} onClick={() => setAsking(true)}>
              {say.holdSome}
            </Button>
            <Button
              disabled={!flows.some(({ standing }) => standing.hold)}
              loading={release.isPending}
              onClick={releaseAll}
            >
              {say.releaseSome}
            </Button>
          </SpaceBetween>
        }
      >
        {say.everyFlow}
      </Header>
      {asking && (
        <Suspense>
          <HoldSomeDialog flows={names} onHeld={onDone} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}
