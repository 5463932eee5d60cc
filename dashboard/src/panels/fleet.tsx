/** Instances with their states, chosen by tags. */
import Box from "@cloudscape-design/components/box";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useFleet } from "../api/queries";
import type { Instance } from "../api/types";
import { chosenInstances, choicesOf, type Kind } from "../fleet/chosen";
import { useFleetWords } from "../fleet/words";
import { useFormat, useWords } from "../i18n/language";
import { shownColumns, type Columns } from "../ui/columns";
import { useFitting } from "../ui/fitting";
import { InstanceLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { usePaged } from "../ui/paged";
import { InstanceStateLabel } from "../ui/states";
import { byName } from "./timeline";

interface Props {
  /** "Key=value" each; all must match. */
  tag: readonly string[];
  wide?: boolean;
  columns?: Columns;
}

export default function FleetPanel({ tag, wide = false, columns }: Props) {
  const words = useWords();
  const fleet = useFleet([...tag]);
  return (
    <Loaded query={fleet}>
      {({ instances, members, more_members: more, cursor }) => (
        <SpaceBetween size="m">
          <Chosen instances={[...instances, ...members]} wide={wide} columns={columns} places={members.length > 0} />
          {(cursor || more) && <Box variant="small">{words.fleet.more}</Box>}
        </SpaceBetween>
      )}
    </Loaded>
  );
}

const KINDS: readonly Kind[] = ["state", "account", "region", "tag"];

interface ChosenProps {
  instances: Instance[];
  wide: boolean;
  columns: Columns;
  /** Whether they are in several accounts. */
  places: boolean;
}

function Chosen({ instances, wide, columns, places }: ChosenProps) {
  const words = useWords();
  const format = useFormat();
  const say = words.fleet;
  const choose = useFleetWords();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<{ kind: Kind; value: string }[]>([]);
  const shown = chosenInstances(instances, text, chosen);
  const choices = choicesOf(instances);
  const option = (kind: Kind, value: string) => ({
    value: `${kind}:${value}`,
    label: kind === "state" ? (words.instance[value] ?? value) : value,
  });
  const { page, pagination } = usePaged(shown);
  return (
    <SpaceBetween size="s">
      <SpaceBetween direction="horizontal" size="m">
        <Box>{say.every(shown.length)}</Box>
        {[...byName(shown, ({ state }) => state)].map(([state, those]) => (
          <SpaceBetween key={state} direction="horizontal" size="xxs">
            <InstanceStateLabel state={state} />
            <Box fontWeight="bold">{format.number(those.length)}</Box>
          </SpaceBetween>
        ))}
      </SpaceBetween>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 5 } }, { colspan: { default: 12, s: 7 } }]}>
        <Input
          type="search"
          ariaLabel={choose.find}
          placeholder={choose.find}
          value={text}
          spellcheck={false}
          onChange={({ detail }) => setText(detail.value)}
        />
        <Multiselect
          ariaLabel={choose.filter}
          placeholder={choose.any}
          expandToViewport
          filteringType="auto"
          // What all instances share is no choice.
          options={KINDS.filter((kind) => kind === "tag" || choices[kind].length > 1).map((kind) => ({
            label: choose.kinds[kind],
            options: choices[kind].map((value) => option(kind, value)),
          }))}
          selectedOptions={chosen.map(({ kind, value }) => option(kind, value))}
          onChange={({ detail }) =>
            setChosen(
              detail.selectedOptions.flatMap(({ value = "" }) => {
                const kind = KINDS.find((each) => value.startsWith(`${each}:`));
                return kind ? [{ kind, value: value.slice(kind.length + 1) }] : [];
              }),
            )
          }
        />
      </Grid>
      <Table
        variant={wide ? "container" : "borderless"}
        contentDensity={wide ? "comfortable" : "compact"}
        wrapLines
        items={page}
        pagination={pagination}
        trackBy="id"
        ariaLabels={{ tableLabel: say.title }}
        empty={say.empty}
        columnDefinitions={useFitting(
          shownColumns<Instance>(
            [
              {
                id: "id",
                header: say.instance,
                isRowHeader: true,
                minWidth: 130,
                cell: ({ id, name }) => (
                  <>
                    <InstanceLink id={id}>{name ?? id}</InstanceLink>
                    {name && (
                      <Box variant="small" display="block">
                        {id}
                      </Box>
                    )}
                  </>
                ),
              },
              {
                id: "state",
                header: say.state,
                minWidth: 180,
                cell: ({ state, reason, since }) => (
                  <>
                    <InstanceStateLabel state={state} />
                    {since && (
                      <Box variant="small" display="block">
                        {say.since(format.moment(since))}
                      </Box>
                    )}
                    {reason && (
                      <Box variant="small" display="block">
                        <span className="whole-words">{reason}</span>
                      </Box>
                    )}
                  </>
                ),
              },
              {
                id: "place",
                header: say.place,
                minWidth: 130,
                cell: ({ account, region }) => (
                  <>
                    <div>{account}</div>
                    <Box variant="small">{region}</Box>
                  </>
                ),
              },
              { id: "type", header: say.type, minWidth: 80, cell: ({ type }) => type || words.none },
              { id: "zone", header: say.zone, cell: ({ zone }) => zone ?? words.none },
              {
                id: "launched",
                header: say.launched,
                cell: ({ launched }) => (launched ? format.moment(launched) : words.none),
              },
              {
                id: "tags",
                header: say.tags,
                minWidth: 120,
                cell: ({ tags }) =>
                  Object.entries(tags)
                    .filter(([key]) => key !== "Name")
                    .map(([key, value]) => <div key={key}>{`${key}=${value}`}</div>),
              },
            ],
            columns,
            [...(wide ? [] : ["zone", "launched"]), ...(places ? [] : ["place"])],
          ),
        )}
      />
    </SpaceBetween>
  );
}
