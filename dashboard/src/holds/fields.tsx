/** Why, and until when: the fields of every dialog that holds something. */
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TimeInput from "@cloudscape-design/components/time-input";
import { useState, type ReactNode } from "react";

import { useFormat, useWords } from "../i18n/language";
import { focusFirstWrong } from "../ui/leaving";
import { AT, momentOf, RELEASED, type Until } from "./until";
import { useHoldWords } from "./words";

export const LONGEST_WHY = 500;

/** How long can be chosen, in hours; 0 is until it is released. */
const HOURS = [0, 1, 4, 12, 24, 72, 168];

export interface Asked {
  why: string;
  until: string | null;
}

interface HoldFields {
  fields: ReactNode;
  /** Whether something was filled in. */
  filled: boolean;
  /** What was asked for; null, and the fields say why, when something is missing. */
  read: () => Asked | null;
}

export function useHoldFields(): HoldFields {
  const words = useWords();
  const [why, setWhy] = useState("");
  const [until, setUntil] = useState(RELEASED);
  const [asked, setAsked] = useState(false);
  const [passed, setPassed] = useState(false);
  const say = useHoldWords();
  return {
    filled: why !== "" || until !== RELEASED,
    read() {
      setAsked(true);
      const moment = momentOf(until, Date.now());
      setPassed(moment === undefined);
      if (why.trim() !== "" && moment !== undefined) return { why: why.trim(), until: moment };
      focusFirstWrong();
      return null;
    },
    fields: (
      <SpaceBetween size="m">
        <FormField
          label={words.act.holdWhy}
          description={words.act.holdWhyHint}
          errorText={asked && why.trim() === "" ? words.act.holdWhyNeeded : undefined}
        >
          <Input value={why} onChange={({ detail }) => setWhy(detail.value.slice(0, LONGEST_WHY))} />
        </FormField>
        <UntilFields
          value={until}
          problem={passed ? say.toCome : undefined}
          onChange={(chosen) => {
            setUntil(chosen);
            setPassed(false);
          }}
        />
      </SpaceBetween>
    ),
  };
}

interface UntilProps {
  value: Until;
  onChange: (value: Until) => void;
  problem: string | undefined;
}

function UntilFields({ value, onChange, problem }: UntilProps) {
  const words = useWords();
  const format = useFormat();
  const say = useHoldWords();
  const options = [
    ...HOURS.map((n) => ({
      value: String(n),
      label: n === 0 ? words.act.untilReleased : n < 24 ? words.act.inHours(n) : words.act.inDays(n / 24),
    })),
    { value: AT, label: say.atTime },
  ];
  return (
    <SpaceBetween size="m">
      <FormField label={words.act.holdUntil}>
        <Select
          options={options}
          selectedOption={options.find((option) => option.value === value.hours) ?? null}
          onChange={({ detail }) => onChange({ ...value, hours: detail.selectedOption.value ?? "0" })}
        />
      </FormField>
      {value.hours === AT && (
        <SpaceBetween direction="horizontal" size="s">
          <FormField label={say.day} errorText={problem}>
            <DatePicker
              value={value.day}
              placeholder="YYYY/MM/DD"
              onChange={({ detail }) => onChange({ ...value, day: detail.value })}
            />
          </FormField>
          <FormField label={say.clock} constraintText={`${say.clockForm}, ${format.zone()}`}>
            <TimeInput
              value={value.clock}
              format="hh:mm"
              placeholder="hh:mm"
              onChange={({ detail }) => onChange({ ...value, clock: detail.value })}
            />
          </FormField>
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}
