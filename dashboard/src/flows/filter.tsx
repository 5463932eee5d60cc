/** What narrows a list of flows: text, folder and favourites. */
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TextFilter from "@cloudscape-design/components/text-filter";
import Toggle from "@cloudscape-design/components/toggle";

import { useWords } from "../i18n/language";
import type { FlowFilter } from "./found";
import { useFlowWords } from "./words";

interface Props {
  filter: FlowFilter;
  /** What may be chosen; without any there is no choice. */
  folders: readonly string[];
  /** How many flows it takes. */
  count: number;
  onChange: (filter: FlowFilter) => void;
}

export function FilterOfFlows({ filter, folders, count, onChange }: Props) {
  const { find } = useWords().flows;
  const say = useFlowWords();
  const every = { value: "", label: say.everyFolder };
  const options = [every, ...folders.map((folder) => ({ value: folder, label: folder }))];
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="center">
      <TextFilter
        filteringText={filter.text}
        filteringPlaceholder={find}
        filteringAriaLabel={find}
        countText={filter.text ? say.matches(count) : ""}
        onChange={({ detail }) => onChange({ ...filter, text: detail.filteringText })}
      />
      {folders.length > 0 && (
        <Select
          ariaLabel={say.folder}
          expandToViewport
          options={options}
          selectedOption={options.find(({ value }) => value === filter.folder) ?? every}
          onChange={({ detail }) => onChange({ ...filter, folder: detail.selectedOption.value ?? "" })}
        />
      )}
      <Toggle
        checked={filter.favourites}
        onChange={({ detail }) => onChange({ ...filter, favourites: detail.checked })}
      >
        {say.favourites}
      </Toggle>
    </SpaceBetween>
  );
}
