/** Fields to choose a flow, a state and a period, as several pages need them. */
import Select from "@cloudscape-design/components/select";

import { useFlows } from "../api/queries";
import { RUN_STATES, type RunState } from "../api/types";
import { useWords } from "../i18n/language";

interface Props<T> {
  value: T;
  onChange: (value: T) => void;
}

export const DAYS = [1, 7, 30, 90, 365];
export const HOURS = [12, 24, 48, 72, 168, 336, 744];

export function FlowChoice({ value, onChange }: Props<string | null>) {
  const words = useWords();
  const flows = useFlows();
  const names = flows.data?.flows.map(({ name }) => name) ?? (value ? [value] : []);
  return (
    <Choice
      label={words.runs.flow}
      value={value ?? ""}
      options={[["", words.runs.everyFlow], ...names.map((name): [string, string] => [name, name])]}
      onChange={(name) => onChange(name === "" ? null : name)}
    />
  );
}

export function StateChoice({ value, onChange }: Props<RunState | null>) {
  const words = useWords();
  return (
    <Choice
      label={words.runs.state}
      value={value ?? ""}
      options={[
        ["", words.runs.everyState],
        ...RUN_STATES.map((state): [string, string] => [state, words.state[state]]),
      ]}
      onChange={(chosen) => onChange(RUN_STATES.find((state) => state === chosen) ?? null)}
    />
  );
}

export function DaysChoice({ value, onChange }: Props<number>) {
  const words = useWords();
  return <NumberChoice label={words.board.days} {...{ value, onChange }} of={DAYS} say={words.summary.period} />;
}

export function HoursChoice({ value, onChange }: Props<number>) {
  const words = useWords();
  return <NumberChoice label={words.board.hours} {...{ value, onChange }} of={HOURS} say={words.next.period} />;
}

function NumberChoice(props: Props<number> & { label: string; of: number[]; say: (value: number) => string }) {
  const all = props.of.includes(props.value) ? props.of : [...props.of, props.value].sort((a, b) => a - b);
  return (
    <Choice
      label={props.label}
      value={String(props.value)}
      options={all.map((each) => [String(each), props.say(each)])}
      onChange={(chosen) => props.onChange(Number(chosen))}
    />
  );
}

/** One of some values. */
export function Choice(props: Props<string> & { label: string; options: [value: string, label: string][] }) {
  const options = props.options.map(([value, label]) => ({ value, label }));
  return (
    <Select
      ariaLabel={props.label}
      expandToViewport
      options={options}
      selectedOption={options.find(({ value }) => value === props.value) ?? null}
      filteringType={options.length > 10 ? "auto" : "none"}
      onChange={({ detail }) => props.onChange(detail.selectedOption.value ?? "")}
    />
  );
}
