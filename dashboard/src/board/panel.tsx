/** One panel of the board. */
import BoardItem from "@cloudscape-design/board-components/board-item";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import { lazy, Suspense, useState } from "react";

import { useWords } from "../i18n/language";
import FlowList from "../panels/flow-list";
import RunList from "../panels/run-list";
import { Crash } from "../ui/crash";
import { Waiting } from "../ui/loaded";
import { titleOf, type Item, type PanelData } from "./board";

const Summary = lazy(() => import("../panels/summary"));
const Report = lazy(() => import("../panels/report"));
const NextRuns = lazy(() => import("../panels/next-runs"));
const Fleet = lazy(() => import("../panels/fleet"));
const SettingsDialog = lazy(() => import("./settings"));

interface Props {
  item: Item;
  onRemove: () => void;
  onChange: (data: PanelData) => void;
}

export function BoardPanel({ item: { data }, onRemove, onChange }: Props) {
  const words = useWords();
  const say = words.board;
  const [asking, setAsking] = useState(false);
  const title = titleOf(data, words);
  return (
    <>
      <BoardItem
        header={
          <Header variant="h2" description={describe(data)}>
            {title}
          </Header>
        }
        settings={
          <ButtonDropdown
            variant="icon"
            expandToViewport
            ariaLabel={say.settingsOf(title)}
            items={[
              { id: "settings", text: say.settings },
              { id: "remove", text: say.remove },
            ]}
            onItemClick={({ detail }) => (detail.id === "remove" ? onRemove() : setAsking(true))}
          />
        }
        i18nStrings={{
          dragHandleAriaLabel: say.drag(title),
          dragHandleAriaDescription: say.dragHint,
          resizeHandleAriaLabel: say.resize(title),
          resizeHandleAriaDescription: say.resizeHint,
          dragHandleTooltipText: say.moveTooltip,
          resizeHandleTooltipText: say.resizeTooltip,
        }}
      >
        <Crash>
          <Suspense fallback={<Waiting />}>
            <Content data={data} />
          </Suspense>
        </Crash>
      </BoardItem>
      {asking && (
        <Suspense>
          <SettingsDialog data={data} onSave={onChange} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );

  /** What it is limited to. */
  function describe({ kind, settings }: PanelData): string | undefined {
    const said = [
      settings.flow,
      settings.state && words.state[settings.state],
      (kind === "summary" || kind === "report") && words.summary.period(settings.days ?? 7),
      kind === "next" && words.next.period(settings.hours ?? 24),
      settings.tag?.length && words.and(settings.tag),
    ].filter((part): part is string => typeof part === "string" && part !== "");
    return said.length > 0 ? words.and(said) : undefined;
  }
}

function Content({ data: { kind, settings } }: { data: PanelData }) {
  switch (kind) {
    case "flows":
      return <FlowList only={settings.flows} />;
    case "runs":
      return <RunList flow={settings.flow} state={settings.state} limit={15} />;
    case "summary":
      return <Summary days={settings.days ?? 7} />;
    case "report":
      return <Report flow={settings.flow} days={settings.days ?? 30} />;
    case "next":
      return <NextRuns hours={settings.hours ?? 24} />;
    case "fleet":
      return <Fleet tag={settings.tag ?? []} />;
  }
}
