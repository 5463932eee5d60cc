/** The columns that the tables of panels have, by kind: id, heading, and whether it is shown unless others are chosen. */
import type { PanelKind } from "../api/types";
import type { Words } from "../i18n/en";
import type { usePresetWords } from "../presets/words";

export interface Column {
  id: string;
  label: string;
  usual: boolean;
}

const column = (id: string, label: string, usual = true): Column => ({ id, label, usual });

/** None for a kind that has no table. oneFlow: whether the panel shows the runs of one flow only. */
export function columnsOf(
  kind: PanelKind,
  words: Words,
  buttons: ReturnType<typeof usePresetWords>,
  oneFlow: boolean,
): Column[] {
  const { runs, flows, summary, fleet, open } = words;
  switch (kind) {
    case "buttons":
      return [
        column("name", buttons.name),
        column("does", buttons.flow, false),
        column("parameters", buttons.parameters, false),
        column("next", flows.next),
        column("last", buttons.last),
        column("start", buttons.action),
      ];
    case "open":
      return [
        column("flow", runs.flow),
        column("kind", open.what),
        column("time", open.since),
        column("why", open.why),
        column("acknowledge", words.actions),
      ];
    case "flows":
      return [
        column("name", flows.name),
        column("trigger", flows.trigger, false),
        column("next", flows.next),
        column("last", flows.lastRun),
        column("actions", words.actions),
      ];
    case "now":
    case "runs":
      return [
        column("started", runs.started),
        column("flow", runs.flow, !oneFlow),
        column("state", runs.state),
        column("duration", runs.duration),
        column("result", runs.result),
        column("trigger", runs.trigger),
      ];
    case "summary":
      return [
        column("flow", runs.flow),
        column("total", summary.total),
        column("succeeded", words.state.SUCCEEDED),
        column("failed", summary.failures),
      ];
    case "next":
      return [
        column("time", words.flow.time),
        column("flow", runs.flow),
        column("state", runs.state),
        column("by", words.flow.expression, false),
      ];
    case "fleet":
      return [
        column("id", fleet.instance),
        column("state", fleet.state),
        column("place", fleet.place, false),
        column("type", fleet.type),
        column("zone", fleet.zone, false),
        column("launched", fleet.launched, false),
        column("tags", fleet.tags),
      ];
    case "report":
    case "approvals":
    case "handover":
      return [];
  }
}
