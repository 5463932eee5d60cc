/** The fields by which runs are found. */
import Button from "@cloudscape-design/components/button";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useEffect, useEffectEvent, useState } from "react";

import { useWords } from "../i18n/language";
import { FlowChoice, StateChoice } from "../ui/choices";
import { RUN_STATES } from "../api/types";
import { NAMES, ORDERS, TRIGGERS } from "./filter";
import { PERIODS } from "./periods";
import { useFindWords } from "./words";

/** Milliseconds after the last key until a text is looked for. */
const TYPED = 600;
const COLUMN = { colspan: { default: 6, s: 4, m: 3 } } as const;

interface Props {
  chosen: URLSearchParams;
  choose: (changes: Record<string, string>) => void;
}

export function RunFilters({ chosen, choose }: Props) {
  const words = useWords();
  const say = useFindWords();
  const get = (name: (typeof NAMES)[number]) => chosen.get(name) ?? "";
  const ranged = get("when") === "range";
  const fields = [
    <FormField key="flow" label={words.runs.flow}>
      <FlowChoice value={get("flow") || null} onChange={(flow) => choose({ flow: flow ?? "" })} />
    </FormField>,
    <FormField key="state" label={words.runs.state}>
      <StateChoice
        value={RUN_STATES.find((state) => state === get("state")) ?? null}
        onChange={(state) => choose({ state: state ?? "" })}
      />
    </FormField>,
    <Pick
      key="trigger"
      label={say.trigger}
      value={get("trigger")}
      options={[["", say.everyTrigger], ...TRIGGERS.map((each): [string, string] => [each, say.triggers[each]])]}
      onChange={(trigger) => choose({ trigger })}
    />,
    <Pick
      key="when"
      label={say.when}
      value={get("when")}
      options={(["", ...PERIODS, "range"] as const).map((each) => [each, say.periods[each]])}
      onChange={(when) => choose({ when, ...(when !== "range" && { from: "", to: "" }) })}
    />,
    ...(ranged ? (["from", "to"] as const) : []).map((name) => (
      <FormField key={name} label={say[name]}>
        <DatePicker
          value={get(name)}
          placeholder="YYYY/MM/DD"
          onChange={({ detail }) => choose({ [name]: detail.value })}
        />
      </FormField>
    )),
    <Typed key="resource" name="resource" label={say.resource} hint={say.resourceHint} {...{ chosen, choose }} />,
    <Typed key="by" name="by" label={say.by} {...{ chosen, choose }} />,
    <Typed key="account" name="account" label={say.account} hint={say.accountHint} {...{ chosen, choose }} />,
    <Pick
      key="sort"
      label={say.sort}
      value={get("sort") || "newest"}
      options={ORDERS.map((each) => [each, say.orders[each]])}
      onChange={(sort) => choose({ sort: sort === "newest" ? "" : sort })}
    />,
  ];
  const filtered = NAMES.some((name) => get(name) !== "");
  return (
    <div>
      <Grid gridDefinition={fields.map(() => COLUMN)}>{fields}</Grid>
      {filtered && (
        <Button variant="inline-link" onClick={() => choose(Object.fromEntries(NAMES.map((name) => [name, ""])))}>
          {say.reset}
        </Button>
      )}
    </div>
  );
}

interface PickProps {
  label: string;
  value: string;
  options: [value: string, label: string][];
  onChange: (value: string) => void;
}

function Pick({ label, value, options, onChange }: PickProps) {
  const shown = options.map(([each, text]) => ({ value: each, label: text }));
  return (
    <FormField label={label}>
      <Select
        expandToViewport
        options={shown}
        selectedOption={shown.find((option) => option.value === value) ?? shown[0] ?? null}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

/** A text that is looked for once it is typed. */
function Typed({ name, label, hint, chosen, choose }: Props & { name: string; label: string; hint?: string }) {
  const kept = chosen.get(name) ?? "";
  const [typed, setTyped] = useState(kept);
  const [known, setKnown] = useState(kept);
  // Somebody else has changed the address: the filters were reset, or a link was opened.
  if (known !== kept) {
    setKnown(kept);
    setTyped(kept);
  }
  const commit = useEffectEvent(() => {
    if (typed !== kept) choose({ [name]: typed });
  });
  useEffect(() => {
    const timer = setTimeout(commit, TYPED);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <FormField label={label}>
      <Input
        type="search"
        value={typed}
        placeholder={hint ?? ""}
        spellcheck={false}
        onChange={({ detail }) => setTyped(detail.value)}
      />
    </FormField>
  );
}
