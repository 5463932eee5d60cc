/** The name of a panel, and what it shows. */
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState, type ReactNode } from "react";

import { useFlows } from "../api/queries";
import type { PanelKind } from "../api/types";
import { useWords } from "../i18n/language";
import { DaysChoice, FlowChoice, HoursChoice, StateChoice } from "../ui/choices";
import { Confirm } from "../ui/confirm";
import { kindTitle, titleOf, type PanelData, type Settings } from "./board";

/** Which settings a kind has. */
const FIELDS: Record<PanelKind, (keyof Settings)[]> = {
  flows: ["flows"],
  runs: ["flow", "state"],
  summary: ["days"],
  report: ["flow", "days"],
  next: ["hours"],
  fleet: ["tag"],
};

interface Props {
  data: PanelData;
  onSave: (data: PanelData) => void;
  onClose: () => void;
}

export default function SettingsDialog({ data, onSave, onClose }: Props) {
  const words = useWords();
  const say = words.board;
  const flows = useFlows();
  const [title, setTitle] = useState(data.title ?? "");
  const [settings, setSettings] = useState(data.settings);
  const [tags, setTags] = useState(data.settings.tag?.join(", ") ?? "");
  const tag = tags
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const badTag = tag.some((each) => !/^[^=]+=/.test(each));
  const has = (field: keyof Settings) => FIELDS[data.kind].includes(field);
  const set = (change: Settings) => setSettings((before) => ({ ...before, ...change }));
  const fields: Partial<Record<keyof Settings, ReactNode>> = {
    flows: (
      <FormField label={say.flows} description={say.flowsHint}>
        <Multiselect
          placeholder={words.runs.everyFlow}
          expandToViewport
          options={flows.data?.flows.map(({ name }) => ({ value: name, label: name })) ?? []}
          selectedOptions={(settings.flows ?? []).map((name) => ({ value: name, label: name }))}
          onChange={({ detail }) => set({ flows: detail.selectedOptions.flatMap(({ value }) => value ?? []) })}
        />
      </FormField>
    ),
    flow: (
      <FormField label={say.flow}>
        <FlowChoice value={settings.flow ?? null} onChange={(flow) => set({ flow })} />
      </FormField>
    ),
    state: (
      <FormField label={say.state}>
        <StateChoice value={settings.state ?? null} onChange={(state) => set({ state })} />
      </FormField>
    ),
    days: (
      <FormField label={say.days}>
        <DaysChoice value={settings.days ?? 7} onChange={(days) => set({ days })} />
      </FormField>
    ),
    hours: (
      <FormField label={say.hours}>
        <HoursChoice value={settings.hours ?? 24} onChange={(hours) => set({ hours })} />
      </FormField>
    ),
    tag: (
      <FormField label={say.tag} description={say.tagHint} errorText={badTag ? say.tagForm : undefined}>
        <Input value={tags} onChange={({ detail }) => setTags(detail.value)} />
      </FormField>
    ),
  };
  const save = () => {
    if (badTag) return;
    const name = title.trim();
    onSave({ ...data, title: name === "" ? null : name, settings: has("tag") ? { ...settings, tag } : settings });
    onClose();
  };
  return (
    <Confirm
      title={say.settingsOf(titleOf(data, words))}
      action={words.save}
      pending={false}
      error={null}
      onConfirm={save}
      onClose={onClose}
    >
      <FormField label={say.name} description={say.nameHint(kindTitle(data.kind, words))}>
        <Input value={title} onChange={({ detail }) => setTitle(detail.value.slice(0, 80))} />
      </FormField>
      {FIELDS[data.kind].map((field) => (
        <div key={field}>{fields[field]}</div>
      ))}
    </Confirm>
  );
}
