/** A choice of several, and their order: the chosen ones first, each with a handle that a mouse or the keyboard moves. */
import Checkbox from "@cloudscape-design/components/checkbox";
import List from "@cloudscape-design/components/list";

export interface Entry {
  id: string;
  label: string;
}

interface Props {
  label: string;
  /** All there is. */
  entries: readonly Entry[];
  /** The ids of those that are chosen, in their order. */
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

export function Ordered({ label, entries, chosen, onChange }: Props) {
  const first = chosen.flatMap((id) => entries.find((entry) => entry.id === id) ?? []);
  const items = [...first, ...entries.filter(({ id }) => !chosen.includes(id))];
  return (
    <List
      ariaLabel={label}
      sortable
      disablePaddings
      items={items}
      renderItem={({ id, label: name }) => ({
        id,
        announcementLabel: name,
        content: (
          <Checkbox
            checked={chosen.includes(id)}
            onChange={({ detail }) =>
              onChange(detail.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          >
            {name}
          </Checkbox>
        ),
      })}
      onSortingChange={({ detail }) => onChange(detail.items.map(({ id }) => id).filter((id) => chosen.includes(id)))}
    />
  );
}
