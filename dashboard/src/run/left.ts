/** How much of what is usual is left of something that goes on. */

export interface Left {
  /** Seconds that are left, rounded to what one can promise: up, to 5 seconds, from a minute on to minutes. */
  left: number;
  /** Seconds by which it takes longer than usual, 0 as long as it does not. */
  over: number;
}

/** usual, elapsed: seconds. */
export function leftOf(usual: number, elapsed: number): Left {
  const left = usual - elapsed;
  if (left <= 0) return { left: 0, over: elapsed - usual };
  const unit = left > 60 ? 60 : 5;
  return { left: Math.ceil(left / unit) * unit, over: 0 };
}
