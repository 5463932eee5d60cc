/** A preset as an administrator makes or changes it: flow, name, parameters, who has it. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useState } from "react";

import { useFlows, useKeepPreset } from "../api/queries";
import type { Flow, Preset } from "../api/types";
import { useWords } from "../i18n/language";
import { ParameterFields } from "../start/fields";
import { filledWith, read, type Fields } from "../start/form";
import { Confirm } from "../ui/confirm";
import { focusFirstWrong } from "../ui/leaving";
import { useNotices } from "../ui/notices";
import { useTitleOf } from "../ui/user";
import { usePresetWords } from "./words";

const LONGEST_TITLE = 80;

interface Props {
  /** null for a new one. */
  preset: Preset | null;
  onClose: () => void;
}

export default function PresetDialog({ preset, onClose }: Props) {
  const words = useWords();
  const say = usePresetWords();
  const notices = useNotices();
  const titleOf = useTitleOf();
  const flows = useFlows().data?.flows ?? [];
  const keep = useKeepPreset();
  const [id] = useState(() => preset?.id ?? crypto.randomUUID());
  const [name, setName] = useState(preset?.flow ?? "");
  const [title, setTitle] = useState(preset?.title ?? "");
  const [titleJa, setTitleJa] = useState(preset?.title_ja ?? "");
  const [form, setForm] = useState(preset?.form ?? false);
  const [groups, setGroups] = useState<readonly string[]>(preset?.groups ?? []);
  const [changed, setChanged] = useState<Fields>({});
  const [checked, setChecked] = useState(false);
  const flow = flows.find((each) => each.name === name);
  const parameters = flow?.parameters ?? [];
  const fields = { ...filledWith(parameters, preset?.flow === name ? preset.parameters : {}), ...changed };
  const meant = parametersOf(flow, fields, form, words.start);
  const called = { flow: flow ? "" : say.flowNeeded, title: title.trim() === "" ? say.nameNeeded : "" };
  const wrong = [...Object.values(called), ...Object.values(meant.problems)].some(Boolean);
  const save = () => {
    setChecked(true);
    if (wrong) {
      focusFirstWrong();
      return;
    }
    const japanese = titleJa.trim();
    const kept = { title: title.trim(), title_ja: japanese === "" ? null : japanese, form, groups: [...groups] };
    keep.mutate(
      { id, version: preset?.version ?? null, flow: name, parameters: meant.parameters, ...kept },
      {
        onSuccess: () => {
          notices.say(say.saved(kept.title));
          onClose();
        },
      },
    );
  };
  const options = flows.map((each) => ({ value: each.name, label: titleOf(each.name) ?? each.name }));
  const error = (text: string | undefined) => (checked && text ? text : undefined);
  return (
    <Confirm
      title={preset ? say.editOf(preset.title) : say.addTitle}
      action={words.save}
      pending={keep.isPending}
      error={keep.error}
      filled={name !== (preset?.flow ?? "") || title !== (preset?.title ?? "") || Object.keys(changed).length > 0}
      onConfirm={save}
      onClose={onClose}
    >
      <SpaceBetween size="m">
        <FormField label={say.flow} errorText={error(called.flow)}>
          <Select
            options={options}
            placeholder={say.flowNeeded}
            filteringType={options.length > 10 ? "auto" : "none"}
            selectedOption={options.find(({ value }) => value === name) ?? null}
            onChange={({ detail }) => {
              setName(detail.selectedOption.value ?? "");
              setChanged({});
              setGroups([]);
            }}
          />
        </FormField>
        <FormField label={say.name} errorText={error(called.title)}>
          <Input value={title} onChange={({ detail }) => setTitle(detail.value.slice(0, LONGEST_TITLE))} />
        </FormField>
        <FormField label={say.nameJa} description={say.nameJaHint}>
          <Input value={titleJa} onChange={({ detail }) => setTitleJa(detail.value.slice(0, LONGEST_TITLE))} />
        </FormField>
        <ParameterFields
          parameters={parameters}
          fields={fields}
          problems={checked ? meant.problems : {}}
          onChange={(field, value) => setChanged((before) => ({ ...before, [field]: value }))}
        />
        <Toggle checked={form} description={say.formHint} onChange={({ detail }) => setForm(detail.checked)}>
          {say.form}
        </Toggle>
        <FormField label={say.groups} description={say.groupsHint}>
          <Multiselect
            expandToViewport
            placeholder={say.everyone}
            options={(flow?.operators ?? []).map((value) => ({ value, label: value }))}
            selectedOptions={groups.map((value) => ({ value, label: value }))}
            onChange={({ detail }) => setGroups(detail.selectedOptions.flatMap(({ value }) => value ?? []))}
          />
        </FormField>
      </SpaceBetween>
    </Confirm>
  );
}

/** All parameters of the flow as the form has them, so that a later change of a default changes no button. */
function parametersOf(
  flow: Flow | undefined,
  fields: Fields,
  form: boolean,
  say: ReturnType<typeof useWords>["start"],
): ReturnType<typeof read> {
  const parameters = flow?.parameters ?? [];
  // What whoever presses the button fills in may be left open.
  const left = parameters.filter(({ name, required }) => form && required && (fields[name] ?? "") === "");
  return read(
    parameters.filter((parameter) => !left.includes(parameter)),
    fields,
    say,
    true,
  );
}
