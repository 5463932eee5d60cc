/** Instances with their states, chosen by tags. */
import Box from "@cloudscape-design/components/box";
import Multiselect from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";

import { useFleet } from "../api/queries";
import type { Instance } from "../api/types";
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

/** The tags that instances have, as "Key=value". */
function tagsOf(instances: readonly Instance[]): string[] {
  const found = instances.flatMap(({ tags }) => Object.entries(tags).map(([key, value]) => `${key}=${value}`));
  return [...new Set(found)].filter((tag) => !tag.startsWith("Name=")).sort();
}

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
  const [chosen, setChosen] = useState<string[]>([]);
  const shown = instances.filter(({ tags }) =>
    chosen.every((tag) => tags[tag.slice(0, tag.indexOf("="))] === tag.slice(tag.indexOf("=") + 1)),
  );
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
      <Multiselect
        ariaLabel={say.filter}
        placeholder={say.filterHint}
        expandToViewport
        options={tagsOf(instances).map((value) => ({ value, label: value }))}
        selectedOptions={chosen.map((value) => ({ value, label: value }))}
        onChange={({ detail }) => setChosen(detail.selectedOptions.flatMap(({ value }) => value ?? []))}
      />
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
