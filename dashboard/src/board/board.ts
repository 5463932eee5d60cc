/** Panels of a board as the API keeps them, and as Cloudscape's board shows them. */
import type { BoardProps } from "@cloudscape-design/board-components/board";

import type { Schemas } from "../api/client";
import type { Panel, PanelKind } from "../api/types";
import type { Words } from "../i18n/en";

export type Settings = Schemas["PanelSettings"];

export interface PanelData {
  kind: PanelKind;
  /** The name the user gave it; null is the title of its kind. */
  title: string | null;
  settings: Settings;
}

export type Item = BoardProps.Item<PanelData>;

interface Size {
  columns: number;
  rows: number;
  settings: Settings;
}

/** How large a panel of a kind is when it is added, and what it shows then. */
const KINDS: Record<PanelKind, Size> = {
  buttons: { columns: 2, rows: 4, settings: {} },
  open: { columns: 4, rows: 4, settings: {} },
  now: { columns: 4, rows: 4, settings: {} },
  flows: { columns: 4, rows: 6, settings: {} },
  runs: { columns: 4, rows: 6, settings: {} },
  summary: { columns: 2, rows: 6, settings: { days: 7 } },
  report: { columns: 2, rows: 8, settings: { days: 30 } },
  next: { columns: 2, rows: 6, settings: { hours: 24 } },
  fleet: { columns: 2, rows: 6, settings: {} },
  approvals: { columns: 2, rows: 8, settings: {} },
  handover: { columns: 4, rows: 8, settings: {} },
};

export const PANEL_KINDS = Object.keys(KINDS) as PanelKind[];

const MIN = { minRowSpan: 3, minColumnSpan: 1 };

export function toItem({ id, kind, title, column_span, row_span, column_offset, settings }: Panel): Item {
  return {
    id,
    columnSpan: column_span,
    rowSpan: row_span,
    ...(column_offset && { columnOffset: column_offset }),
    definition: { ...MIN, defaultColumnSpan: KINDS[kind].columns, defaultRowSpan: KINDS[kind].rows },
    data: { kind, title: title ?? null, settings },
  };
}

export function toPanel({ id, columnSpan, rowSpan, columnOffset, data }: Item): Panel {
  const size = KINDS[data.kind];
  return {
    id,
    kind: data.kind,
    title: data.title,
    column_span: columnSpan ?? size.columns,
    row_span: rowSpan ?? size.rows,
    column_offset: { ...columnOffset },
    settings: data.settings,
  };
}

/**
 * The panels of a board as the component has placed them. It may have begun with those of before, when a change of
 * somebody else was read in between: what it does not know stays, and what there is no more does not come back.
 */
export function arranged(now: readonly Panel[], items: readonly Item[], removed?: string): Panel[] {
  const placed = items.flatMap((item): Panel[] => {
    const panel = now.find(({ id }) => id === item.id);
    return panel ? [{ ...toPanel(item), title: panel.title ?? null, settings: panel.settings }] : [];
  });
  const unknown = now.filter(({ id }) => id !== removed && !items.some((item) => item.id === id));
  return [...placed, ...unknown];
}

/** A new panel of a kind; it goes behind the others. */
export function newPanel(kind: PanelKind, id: string = crypto.randomUUID()): Panel {
  const { columns, rows, settings } = KINDS[kind];
  return { id, kind, title: null, column_span: columns, row_span: rows, column_offset: {}, settings };
}

/** What somebody sees who has not arranged a board yet, and whose groups have none. */
export function firstBoard(admin: boolean): Panel[] {
  const kinds = admin ? (["flows", "summary", "next", "runs"] as const) : (["buttons", "now", "runs"] as const);
  return kinds.map((kind) => ({ ...newPanel(kind, `first-${kind}`), ...(kind === "buttons" && { column_span: 4 }) }));
}

export function titleOf({ kind, title }: PanelData, words: Words): string {
  return title ?? kindTitle(kind, words);
}

export function kindTitle(kind: PanelKind, words: Words): string {
  const titles: Record<PanelKind, string> = {
    buttons: words.board.buttons,
    open: words.open.title,
    now: words.board.now,
    flows: words.flows.title,
    runs: words.runs.title,
    summary: words.summary.title,
    report: words.report.title,
    next: words.next.title,
    fleet: words.fleet.title,
    approvals: words.shell.approvals,
    handover: words.shell.handover,
  };
  return titles[kind];
}
