/** Triggers and counts in words. */
import type { Schemas } from "../api/client";
import type { Step, Trigger } from "../api/types";
import type { Words } from "../i18n/en";
import type { Format, Language } from "../i18n/format";

export function tellTrigger(trigger: Trigger, words: Words, format: Format): string {
  const say = words.trigger;
  switch (trigger.type) {
    case "schedule":
      return trigger.scheduled_time ? say.scheduleAt(format.moment(trigger.scheduled_time)) : say.schedule;
    case "alarm":
      return say.alarm(trigger.alarm ?? "");
    case "flow":
      return say.flow(trigger.flow ?? "");
    case "manual":
      return trigger.by ? say.manualBy(trigger.by) : say.manual;
    case "unknown":
      return say.unknown;
  }
}

/** What a step says of itself, which is English; in Japanese its counts, which stand beside it, say the same. */
export function tellSummary(step: Pick<Step, "summary" | "counts">, language: Language): string | null {
  return language === "ja" && step.counts ? null : step.summary;
}

/** "12 changed, 1 failed"; empty when nothing was selected at all. */
export function tellCounts(counts: Schemas["Counts"], words: Words, dryRun = false): string {
  const { matched, changed, skipped, failed } = counts;
  const said = [
    changed > 0 && (dryRun ? words.counts.wouldChange : words.counts.changed)(changed),
    skipped > 0 && words.counts.skipped(skipped),
    failed > 0 && words.counts.failed(failed),
  ].filter((part) => part !== false);
  if (said.length === 0 && matched > 0) said.push(words.counts.matched(matched));
  return words.and(said);
}
