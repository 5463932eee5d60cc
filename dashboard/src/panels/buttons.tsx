/** Buttons that start flows, a row for each: presets, and flows with their forms. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { lazy, Suspense, useState } from "react";

import { useFlows, usePresets } from "../api/queries";
import { useFormat, useWords } from "../i18n/language";
import { buttonsOf, flowsOf, presetsOf, type StartButtonOf } from "../presets/buttons";
import { useButtonName } from "../presets/name";
import { usePresetWords } from "../presets/words";
import { inline } from "../start/form";
import { shownColumns, type Columns } from "../ui/columns";
import { FlowActions } from "../ui/flow-actions";
import { RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { PagedTable } from "../ui/paged";
import { RunStateLabel, StandingLabel } from "../ui/states";
import { useInLanguage } from "../ui/user";

const StartDialog = lazy(() => import("../start/dialog"));

interface Props {
  /** Ids of presets and names of flows, in the order of their buttons; nothing for all. */
  only?: readonly string[] | null | undefined;
  /** Only those that members of this group have. */
  group?: string | undefined;
  columns?: Columns;
}

export default function Buttons({ only, group, columns }: Props) {
  const presets = usePresets();
  const flows = useFlows();
  const say = usePresetWords();
  const [pressed, setPressed] = useState<StartButtonOf | null>(null);
  return (
    <Loaded query={flows}>
      {(known) => (
        <Loaded query={presets}>
          {(made) => {
            const buttons = buttonsOf(flowsOf(known.flows, group), presetsOf(made.presets, group), only);
            return (
              <>
                <ButtonTable
                  buttons={buttons}
                  columns={columns}
                  empty={only?.length ? say.noneChosen : say.empty}
                  onPress={setPressed}
                />
                {pressed && (
                  <Suspense>
                    <StartDialog
                      flow={pressed.flow}
                      {...(pressed.preset && { preset: pressed.preset })}
                      onClose={() => setPressed(null)}
                    />
                  </Suspense>
                )}
              </>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

interface TableOfButtons {
  buttons: StartButtonOf[];
  columns: Columns;
  empty: string;
  onPress: (button: StartButtonOf) => void;
}

function ButtonTable({ buttons, columns, empty, onPress }: TableOfButtons) {
  const words = useWords();
  const say = usePresetWords();
  const format = useFormat();
  const nameOf = useButtonName();
  const narrow = useNarrow();
  // What is of the flow and not of the button, stands beside the first of its buttons.
  const first = new Set([...new Map(buttons.toReversed().map(({ id, flow }) => [flow.name, id])).values()]);
  const press = (button: StartButtonOf) => (
    <div className="row">
      <Button
        variant="primary"
        wrapText={false}
        disabled={Boolean(button.preset?.wrong)}
        ariaLabel={say.press(nameOf(button))}
        onClick={() => onPress(button)}
      >
        {words.flows.start}
      </Button>
      {first.has(button.id) && <FlowActions flow={button.flow} />}
    </div>
  );
  return (
    <PagedTable
      variant="borderless"
      contentDensity="compact"
      items={buttons}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: say.title }}
      empty={empty}
      columnDefinitions={
        narrow
          ? [
              {
                id: "button",
                header: say.name,
                isRowHeader: true,
                cell: (button) => (
                  <SpaceBetween size="xs">
                    <Name button={button} />
                    {lastOf(button) && <LastRun button={button} />}
                    {press(button)}
                  </SpaceBetween>
                ),
              },
            ]
          : shownColumns<StartButtonOf>(
              [
                {
                  id: "name",
                  header: say.name,
                  isRowHeader: true,
                  minWidth: 160,
                  cell: (button) => <Name button={button} />,
                },
                { id: "does", header: say.flow, minWidth: 160, cell: (button) => <Does button={button} /> },
                {
                  id: "parameters",
                  header: say.parameters,
                  minWidth: 160,
                  cell: ({ preset }) =>
                    Object.entries(preset?.parameters ?? {}).map(([name, value]) => (
                      <div key={name}>{`${name} = ${inline(value)}`}</div>
                    )),
                },
                {
                  id: "next",
                  header: words.flows.next,
                  minWidth: 110,
                  cell: ({ id, flow }) =>
                    first.has(id) && flow.next ? (
                      <span className="nowrap">{format.moment(flow.next)}</span>
                    ) : (
                      words.none
                    ),
                },
                { id: "last", header: say.last, minWidth: 130, cell: (button) => <LastRun button={button} /> },
                { id: "start", header: say.action, minWidth: 110, cell: press },
              ],
              columns,
              ["does", "parameters"],
            )
      }
    />
  );
}

function Name({ button }: { button: StartButtonOf }) {
  const say = usePresetWords();
  const words = useWords();
  const name = useButtonName()(button);
  const { flow, preset } = button;
  return (
    <>
      <Box fontWeight="bold">{name}</Box>
      {name !== flow.name && (
        <Box variant="small" display="block" color="text-body-secondary">
          {flow.name}
        </Box>
      )}
      {preset?.wrong && <StatusIndicator type="error">{say.wrong(words.told(preset.wrong))}</StatusIndicator>}
      <StandingLabel standing={flow.standing} />
    </>
  );
}

/** What the flow does, in its own words. */
function Does({ button: { flow } }: { button: StartButtonOf }) {
  return useInLanguage()(flow.doc, flow.doc_ja)?.split("\n")[0];
}

/** The run that the button started last. */
const lastOf = ({ flow, preset }: StartButtonOf) => (preset ? preset.last_run : flow.last_run);

function LastRun({ button }: { button: StartButtonOf }) {
  const words = useWords();
  const format = useFormat();
  const last = lastOf(button);
  if (!last) return words.none;
  return (
    <>
      <RunStateLabel state={last.state} />
      <div className="nowrap">
        <RunLink flow={button.flow.name} name={last.name}>
          {format.moment(last.started)}
        </RunLink>
      </div>
    </>
  );
}
