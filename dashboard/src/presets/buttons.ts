/** What the rows of a panel of buttons start: a preset, or a flow with its form. */
import type { Flow, Preset } from "../api/types";

export interface StartButtonOf {
  /** As a panel keeps it. */
  id: string;
  flow: Flow;
  preset: Preset | null;
}

/**
 * The buttons of a user. chosen: of a panel, in its order; without it all presets, and the flows that have none.
 * What there is no more, or is not the user's, has no button.
 */
export function buttonsOf(
  flows: readonly Flow[],
  presets: readonly Preset[],
  chosen?: readonly string[] | null,
): StartButtonOf[] {
  const byName = new Map(flows.map((flow) => [flow.name, flow]));
  const ofPresets = presets.flatMap((preset): StartButtonOf[] => {
    const flow = byName.get(preset.flow);
    return flow ? [{ id: preset.id, flow, preset }] : [];
  });
  const ofFlows = flows.map((flow): StartButtonOf => ({ id: flow.name, flow, preset: null }));
  const all = [...ofPresets, ...ofFlows];
  if (chosen?.length) return chosen.flatMap((id) => all.find((button) => button.id === id) ?? []);
  const filled = new Set(ofPresets.map(({ flow }) => flow.name));
  return [...ofPresets, ...ofFlows.filter(({ flow }) => !filled.has(flow.name))];
}

/** The flows that members of a group may start; all without a group. */
export function flowsOf(flows: readonly Flow[], group: string | undefined): readonly Flow[] {
  return takesAll(group) ? flows : flows.filter(({ operators }) => operators.includes(group));
}

/** The presets that members of a group have, of the flows that they may start; all without a group. */
export function presetsOf(presets: readonly Preset[], group: string | undefined): readonly Preset[] {
  return takesAll(group) ? presets : presets.filter(({ groups }) => groups.length === 0 || groups.includes(group));
}

const takesAll = (group: string | undefined): group is undefined => group === undefined || group === "admin";
