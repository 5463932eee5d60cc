/** What starts a flow, in words; the expression of a schedule, as the flow has it, is seen by pointing at it. */
import { tellSchedule } from "../i18n/schedule";
import { useLanguage } from "../i18n/language";
import type { Flow } from "../api/types";

export function Starters({ flow }: { flow: Pick<Flow, "schedule" | "alarm"> }) {
  const { words } = useLanguage();
  const { schedule, alarm } = flow;
  if (!schedule && !alarm) return words.flows.byHand;
  return (
    <>
      {schedule?.expressions.map((expression) => (
        <div key={expression}>
          <ScheduleWords expression={expression} timezone={schedule.timezone} />
        </div>
      ))}
      {schedule?.days && <div>{words.told(schedule.days)}</div>}
      {alarm && <div>{words.told(alarm)}</div>}
    </>
  );
}

export function ScheduleWords({ expression, timezone }: { expression: string; timezone: string }) {
  const { language } = useLanguage();
  return <span title={`${expression} ${timezone}`}>{tellSchedule(expression, timezone, language)}</span>;
}
