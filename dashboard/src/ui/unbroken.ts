/** What a line does not break in. */

// Ids of resources, Regions and zones: the browser breaks at their hyphens.
const HYPHENED = /(?<![\w-])((?:[a-z]+-)+(?:[0-9a-f]{8,17}|\d+[a-z]?))(?![\w-])/;

/** A text in pieces, of which every second is such a name: i-0123456789abcdef0, ap-northeast-1. */
export const pieces = (text: string): string[] => text.split(HYPHENED);
