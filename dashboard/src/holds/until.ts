/** Until when something is held, as it was chosen in a form. */

/** hours: from now on; "0" is until it is released, AT is the day ("2026-12-01") and clock ("09:00") of this browser. */
export interface Until {
  hours: string;
  day: string;
  clock: string;
}

export const AT = "at";
export const RELEASED: Until = { hours: "0", day: "", clock: "" };

/** The moment in ISO 8601, null until it is released; undefined for what is no moment to come. */
export function momentOf({ hours, day, clock }: Until, now: number): string | null | undefined {
  if (hours === "0") return null;
  if (hours !== AT) return new Date(now + Number(hours) * 3_600_000).toISOString();
  const moment = /^\d\d:\d\d$/.test(clock) ? new Date(`${day}T${clock}:00`).getTime() : NaN;
  return moment > now ? new Date(moment).toISOString() : undefined;
}
