/** The name of a panel, and what it shows. */
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Multiselect from "@cloudscape-design/components/multiselect";
import { useState, type ReactNode } from "react";

import { useFlows, usePresets } from "../api/queries";
import type { PanelKind } from "../api/types";
import { useWords } from "../i18n/language";
import { buttonsOf, flowsOf, presetsOf } from "../presets/buttons";
import { useButtonName } from "../presets/name";
import { usePresetWords } from "../presets/words";
import { DaysChoice, FlowChoice, HoursChoice, StateChoice } from "../ui/choices";
import { Confirm } from "../ui/confirm";
import { focusFirstWrong } from "../ui/leaving";
import { columnsOf } from "./columns";
import { Ordered } from "./ordered";
import { useArrangingWords } from "./words";
import { kindTitle, titleOf, type PanelData, type Settings } from "./board";

/** Which settings a kind has. */
const FIELDS: Record<PanelKind, (keyof Settings)[]> = {
  buttons: ["buttons", "columns"],
  open: ["columns"],
  now: ["columns"],
  flows: ["flows", "columns"],
  runs: ["flow", "state", "columns"],
  summary: ["days", "columns"],
  report: ["flow", "days"],
  next: ["hours", "columns"],
  fleet: ["tag", "columns"],
  approvals: [],
  handover: [],
};

interface Props {
  data: PanelData;
  /** Whose default board the panel is on; without one, the user's own. */
  group: string | undefined;
  onSave: (data: PanelData) => void;
  onClose: () => void;
}

export default function SettingsDialog({ data, group, onSave, onClose }: Props) {
  const words = useWords();
  const say = words.board;
  const arranging = useArrangingWords();
  const ofButtons = usePresetWords();
  const nameOf = useButtonName();
  const flows = useFlows();
  const presets = usePresets();
  const [title, setTitle] = useState(data.title ?? "");
  const [settings, setSettings] = useState(data.settings);
  const [tags, setTags] = useState(data.settings.tag?.join(", ") ?? "");
  const tag = tags
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const badTag = tag.some((each) => !/^[^=]+=/.test(each));
  const known = flowsOf(flows.data?.flows ?? [], group);
  const entries = [
    ...buttonsOf(known, presetsOf(presets.data?.presets ?? [], group)),
    // Flows that have presets may have their form as a button, too.
    ...known.map((flow) => ({ id: flow.name, flow, preset: null })),
  ]
    .filter(({ id }, at, all) => all.findIndex((other) => other.id === id) === at)
    .map((button) => ({ id: button.id, label: nameOf(button) }));
  const has = (field: keyof Settings) => FIELDS[data.kind].includes(field);
  const set = (change: Settings) => setSettings((before) => ({ ...before, ...change }));
  const columns = columnsOf(data.kind, words, ofButtons, Boolean(settings.flow));
  const usual = columns.filter((column) => column.usual).map(({ id }) => id);
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
    buttons: (
      <FormField label={arranging.buttons} description={`${arranging.buttonsHint} ${arranging.ordered}`}>
        <Ordered
          label={arranging.buttons}
          entries={entries}
          chosen={settings.buttons ?? []}
          onChange={(buttons) => set({ buttons })}
        />
      </FormField>
    ),
    columns: (
      <FormField
        label={arranging.columns}
        description={arranging.ordered}
        secondaryControl={
          <Button disabled={!settings.columns} onClick={() => set({ columns: null })}>
            {arranging.usualColumns}
          </Button>
        }
      >
        <Ordered
          label={arranging.columns}
          entries={columns}
          chosen={settings.columns ?? usual}
          // A table without columns shows nothing that could be missed.
          onChange={(chosen) => set({ columns: chosen.length > 0 ? chosen : null })}
        />
      </FormField>
    ),
  };
  const save = () => {
    if (badTag) {
      focusFirstWrong();
      return;
    }
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
      filled={
        title !== (data.title ?? "") || settings !== data.settings || tag.join() !== (data.settings.tag ?? []).join()
      }
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
