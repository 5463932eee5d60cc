/** Which flows of a list are shown, and in which order. */
import type { Flow } from "../api/types";

export interface FlowFilter {
  /** Words, all of which a flow has somewhere: in its names, texts, folder, tags or parts. */
  text: string;
  /** Only flows in this folder or below it; "" for all. */
  folder: string;
  favourites: boolean;
}

export const ALL: FlowFilter = { text: "", folder: "", favourites: false };

/** The flows that a filter takes, the user's favourites first. */
export function foundFlows(flows: readonly Flow[], { text, folder, favourites }: FlowFilter): Flow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = flows.filter((flow) => {
    const told = textOf(flow);
    return (
      words.every((word) => told.includes(word)) &&
      (folder === "" || `${flow.folder}/`.startsWith(`${folder}/`)) &&
      (!favourites || flow.favourite)
    );
  });
  return [...found.filter(({ favourite }) => favourite), ...found.filter(({ favourite }) => !favourite)];
}

/** The folders of flows and those around them, by name. */
export function foldersOf(flows: readonly Flow[]): string[] {
  const folders = flows.flatMap(({ folder }) => {
    const names = folder.split("/").filter(Boolean);
    return names.map((_, index) => names.slice(0, index + 1).join("/"));
  });
  return [...new Set(folders)].sort();
}

function textOf({ name, title, title_ja, doc, doc_ja, folder, tags, parts }: Flow): string {
  return [name, title, title_ja, doc, doc_ja, folder, ...tags, ...parts.map((part) => part.name)]
    .join("\n")
    .toLowerCase();
}
