/** A month as a table of weeks, with what ran and what is due on each day. */
import Link from "@cloudscape-design/components/link";

import type { Schemas } from "../api/client";
import { useFormat, useWords } from "../i18n/language";
import { occurring } from "../panels/outcomes";
import { flowPath, href } from "../ui/paths";
import { RunStateLabel } from "../ui/states";
import { useTitleOf, useUser } from "../ui/user";
import "./month.css";
import { dayText, weeksOf } from "./weeks";
import { useCalendarWords } from "./words";

type Day = Schemas["CalendarDay"];
type Planned = Schemas["PlannedRuns"];
type Ran = Schemas["FlowCounts"];

interface Props {
  first: Date;
  label: string;
  days: readonly Day[];
}

export function Month({ first, label, days }: Props) {
  const format = useFormat();
  const weeks = weeksOf(first);
  const found = new Map(days.map((day) => [day.day, day]));
  const today = dayText(new Date());
  return (
    <table className="month" aria-label={label}>
      <thead>
        <tr>
          {weeks[0]?.map((day) => (
            <th key={day} scope="col">
              {format.dayOfWeek(day)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((day) => (
              <DayCell
                key={day}
                day={day}
                found={found.get(day)}
                other={Number(day.slice(5, 7)) !== first.getMonth() + 1}
                today={day === today}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayProps {
  day: string;
  found: Day | undefined;
  other: boolean;
  today: boolean;
}

function DayCell({ day, found, other, today }: DayProps) {
  const format = useFormat();
  const words = useWords();
  const holidays = found?.holidays ?? [];
  const runs = found?.runs ?? [];
  const ran = found?.ran ?? [];
  const kinds = [other && "other", today && "today", holidays.length > 0 && "holiday"];
  const empty = holidays.length + runs.length + ran.length === 0 && "empty";
  return (
    <td className={[...kinds, empty].filter(Boolean).join(" ")}>
      <time className="date" dateTime={day} {...(today && { "aria-current": "date" })}>
        {format.day(day)}
      </time>
      {holidays.map(({ calendar, name }) => (
        <div key={`${calendar} ${name}`} className="holiday-name">
          {`${words.holiday(name)} (${calendar})`}
        </div>
      ))}
      <ul>
        {ran.map((each) => (
          <li key={`ran ${each.flow}`}>
            <RanLine ran={each} />
          </li>
        ))}
        {runs.map((planned) => (
          <li key={planned.flow}>
            <PlannedLine planned={planned} />
          </li>
        ))}
      </ul>
    </td>
  );
}

/** How the runs of a flow ended on a day, worst first. */
function RanLine({ ran: { flow, counts } }: { ran: Ran }) {
  const outcomes = occurring(counts).toReversed();
  return (
    <>
      <FlowName flow={flow} />
      {outcomes.map(({ state, count }) => (
        <div key={state} className="how">
          <RunStateLabel state={state} />
          {counts[count] > 1 && ` ${String(counts[count])}`}
        </div>
      ))}
    </>
  );
}

function FlowName({ flow }: { flow: string }) {
  const { admin } = useUser();
  const title = useTitleOf()(flow) ?? flow;
  return admin ? <Link href={href(flowPath(flow))}>{title}</Link> : title;
}

function PlannedLine({ planned: { flow, times, count, kept_back: keptBack, why } }: { planned: Planned }) {
  const say = useCalendarWords();
  const format = useFormat();
  const words = useWords();
  const told = words.told(why ?? "");
  const when = count > 2 ? say.times(count) : times.map((time) => format.clock(time)).join(", ");
  return (
    <>
      <span className={keptBack === count ? "kept-back" : ""}>
        {`${when} `}
        <FlowName flow={flow} />
      </span>
      {keptBack > 0 && <div className="why" title={told}>{`${say.keptBack(keptBack, count)}: ${told}`}</div>}
    </>
  );
}
