/** The presets of all flows, which administrators make, change, give to groups, and remove. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { lazy, Suspense, useState } from "react";

import { useKeepPreset, usePresets, useRemovePreset } from "../api/queries";
import type { Preset } from "../api/types";
import { useWords } from "../i18n/language";
import { usePresetWords } from "../presets/words";
import { inline } from "../start/form";
import { FlowLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { useNarrow } from "../ui/narrow";
import { PagedTable } from "../ui/paged";
import { useNotices } from "../ui/notices";
import { useInLanguage } from "../ui/user";
import { useFrameWords } from "../ui/words";

const PresetDialog = lazy(() => import("../presets/dialog"));

export default function Buttons() {
  const say = usePresetWords();
  const presets = usePresets();
  const [editing, setEditing] = useState<Preset | "new" | null>(null);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={say.hint}
          actions={
            <Button variant="primary" onClick={() => setEditing("new")}>
              {say.add}
            </Button>
          }
        >
          {say.title}
        </Header>
      }
    >
      <Loaded query={presets}>{(data) => <PresetTable presets={data.presets} onEdit={setEditing} />}</Loaded>
      {editing && (
        <Suspense>
          <PresetDialog preset={editing === "new" ? null : editing} onClose={() => setEditing(null)} />
        </Suspense>
      )}
    </ContentLayout>
  );
}

function PresetTable({ presets, onEdit }: { presets: Preset[]; onEdit: (preset: Preset) => void }) {
  const words = useWords();
  const say = usePresetWords();
  const inLanguage = useInLanguage();
  const nameOf = ({ title, title_ja }: Preset) => inLanguage(title, title_ja ?? title);
  const remove = useRemoval();
  const narrow = useNarrow();
  const columns: TableProps.ColumnDefinition<Preset>[] = [
    {
      id: "name",
      header: say.name,
      isRowHeader: true,
      minWidth: 160,
      cell: (preset) => (
        <>
          <div>{nameOf(preset)}</div>
          {preset.wrong && <StatusIndicator type="error">{say.wrong(words.told(preset.wrong))}</StatusIndicator>}
        </>
      ),
    },
    { id: "flow", header: say.flow, minWidth: 150, cell: ({ flow }) => <FlowLink flow={flow} /> },
    {
      id: "parameters",
      header: say.parameters,
      minWidth: 180,
      cell: ({ parameters, form }) => (
        <>
          {Object.entries(parameters).map(([name, value]) => (
            <div key={name}>{`${name} = ${inline(value)}`}</div>
          ))}
          {form && <i>{say.formShown}</i>}
        </>
      ),
    },
    {
      id: "groups",
      header: say.groups,
      minWidth: 140,
      cell: ({ groups }) => (groups.length > 0 ? words.and(groups) : say.everyone),
    },
    { id: "source", header: say.source, cell: ({ source }) => (source === "file" ? say.inFile : say.here) },
    {
      id: "actions",
      header: words.actions,
      cell: (preset) =>
        preset.source === "dashboard" ? (
          <ButtonDropdown
            variant="icon"
            ariaLabel={say.actionsOf(nameOf(preset))}
            expandToViewport
            items={[
              { id: "edit", text: say.edit },
              { id: "remove", text: say.remove },
            ]}
            onItemClick={({ detail }) => (detail.id === "edit" ? onEdit(preset) : remove(preset, nameOf(preset)))}
          />
        ) : (
          !narrow && words.none
        ),
    },
  ];
  // On a phone a button is one cell, so that nothing is out of sight at the side.
  const card: TableProps.ColumnDefinition<Preset> = {
    id: "card",
    header: say.name,
    isRowHeader: true,
    cell: (preset) => (
      <SpaceBetween size="xs">
        {columns.map((column) => (
          <div key={column.id}>{column.cell(preset)}</div>
        ))}
      </SpaceBetween>
    ),
  };
  return (
    <PagedTable
      items={presets}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: say.title }}
      empty={say.empty}
      columnDefinitions={narrow ? [card] : columns}
    />
  );
}

/** Removes a preset, and offers to undo that: it comes back under its id, on every board that has it. */
function useRemoval(): (preset: Preset, name: string) => void {
  const say = usePresetWords();
  const { undo } = useFrameWords();
  const notices = useNotices();
  const remove = useRemovePreset();
  const keep = useKeepPreset();
  return (preset, name) =>
    remove.mutate(preset, {
      onSuccess: ({ id, flow, title, title_ja, parameters, form, groups }) =>
        notices.say(say.removed(name), {
          text: undo,
          onClick: () =>
            keep.mutate(
              { id, version: null, flow, title, title_ja, parameters, form, groups },
              {
                onSuccess: () => notices.say(say.saved(name)),
                onError: (error) => notices.fail(undo, error),
              },
            ),
        }),
      onError: (error) => notices.fail(say.notRemoved(name), error),
    });
}
