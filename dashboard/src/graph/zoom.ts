/** How large a graph is drawn. */

const ZOOMS = [0.2, 0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.5];

/** Below it the words of the steps are too small to read. */
const LEGIBLE = 0.7;

/**
 * The scale a graph begins with: all of its width is seen, as far as its words can be read. On a phone, where a third
 * of it would be in sight then, all of it however small: one looks where to zoom in.
 */
export function firstScale(room: number, width: number, narrow: boolean): number {
  return Math.min(1, Math.max(narrow ? 0 : LEGIBLE, room / width));
}

/** The next scale in a direction; nothing at the end. */
export function nextScale(scale: number, larger: boolean): number | undefined {
  return larger ? ZOOMS.find((zoom) => zoom > scale) : ZOOMS.findLast((zoom) => zoom < scale);
}
