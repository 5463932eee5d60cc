/** How many columns some labels with their values have: four at most, and none of them alone in the last row. */
export const evenColumns = (count: number): number =>
  count > 4 && count % 4 === 1 ? 3 : Math.min(4, Math.max(1, count));
