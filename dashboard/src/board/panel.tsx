/** One panel of the board. */
import BoardItem from "@cloudscape-design/board-components/board-item";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Header from "@cloudscape-design/components/header";
import { lazy, Suspense, useState } from "react";

import { useWords } from "../i18n/language";
import { Crash } from "../ui/crash";
import { Waiting } from "../ui/loaded";
import { titleOf, type Item, type PanelData } from "./board";

// The frame of the board comes first, and each kind of panel when there is one: tables are half as large as all the rest.
const FlowList = lazy(() => import("../panels/flow-list"));
const RunList = lazy(() => import("../panels/run-list"));
const Summary = lazy(() => import("../panels/summary"));
const Report = lazy(() => import("../panels/report"));
const NextRuns = lazy(() => import("../panels/next-runs"));
const Approvals = lazy(() => import("../approvals/list"));
const Fleet = lazy(() => import("../panels/fleet"));
const Buttons = lazy(() => import("../panels/buttons"));
const OpenList = lazy(() => import("../open/list"));
const Now = lazy(() => import("../panels/now"));
const Happened = lazy(() => import("../handover/happened"));
const SettingsDialog = lazy(() => import("./settings"));

interface Props {
  item: Item;
  /** Whose default board it is on; without one, the user's own. */
  group: string | undefined;
  onRemove: () => void;
  onChange: (data: PanelData) => void;
}

export function BoardPanel({ item: { data }, group, onRemove, onChange }: Props) {
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
            <Content data={data} group={group} />
          </Suspense>
        </Crash>
      </BoardItem>
      {asking && (
        <Suspense>
          <SettingsDialog group={group} data={data} onSave={onChange} onClose={() => setAsking(false)} />
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

function Content({ data: { kind, settings }, group }: { data: PanelData; group: string | undefined }) {
  const { columns } = settings;
  switch (kind) {
    case "buttons":
      return <Buttons only={settings.buttons} group={group} columns={columns} />;
    case "open":
      return <OpenList columns={columns} />;
    case "now":
      return <Now columns={columns} />;
    case "flows":
      return <FlowList only={settings.flows} columns={columns} />;
    case "runs":
      return <RunList flow={settings.flow} state={settings.state} limit={15} columns={columns} />;
    case "summary":
      return <Summary days={settings.days ?? 7} columns={columns} />;
    case "report":
      return <Report flow={settings.flow} days={settings.days ?? 30} />;
    case "next":
      return <NextRuns hours={settings.hours ?? 24} columns={columns} />;
    case "fleet":
      return <Fleet tag={settings.tag ?? []} columns={columns} />;
    case "approvals":
      return <Approvals />;
    case "handover":
      return <Happened />;
  }
}
