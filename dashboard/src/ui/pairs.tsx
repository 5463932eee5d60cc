/** Labels with their values: in columns, and on a phone each value beside its label. */
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";

import { evenColumns } from "./even";
import { useNarrow } from "./narrow";

interface Props {
  items: readonly { label: string; value: React.ReactNode }[];
  /** Pixels below which there are fewer columns. */
  minColumnWidth?: number;
}

export function Pairs({ items, minColumnWidth = 130 }: Props) {
  const narrow = useNarrow();
  if (!narrow)
    return <KeyValuePairs columns={evenColumns(items.length)} minColumnWidth={minColumnWidth} items={items} />;
  return (
    <dl className="card">
      {items.map(({ label, value }) => (
        <div key={label} className="card-line">
          <dt className="card-label">{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
