/** The calendars of business days that schedules go by, to read. */
import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";

import type { Schemas } from "../api/client";
import { useFormat, useWords } from "../i18n/language";
import { FlowLink } from "../ui/links";
import { Pairs } from "../ui/pairs";
import { dayText } from "./weeks";
import { useCalendarWords } from "./words";

type Company = Schemas["CompanyCalendar"];

/** A Monday, the 5th of January: weekdays of a calendar count from it on. */
const MONDAY = 5;

export function Calendars({ calendars }: { calendars: readonly Company[] }) {
  const say = useCalendarWords();
  if (calendars.length === 0) return <Box>{say.noCalendars}</Box>;
  return calendars.map((calendar) => <One key={calendar.name} calendar={calendar} />);
}

function One({ calendar }: { calendar: Company }) {
  const words = useWords();
  const say = useCalendarWords();
  const format = useFormat();
  const weekday = (number: number) => format.dayOfWeek(dayText(new Date(2026, 0, MONDAY + number)));
  const holidays = Object.entries(calendar.holidays);
  return (
    <ExpandableSection
      headerText={calendar.name}
      headerDescription={say.years(calendar.first_year, calendar.last_year)}
    >
      <SpaceBetween size="m">
        <Pairs
          items={[
            {
              label: say.usedBy,
              value: calendar.flows.map((flow) => (
                <div key={flow}>
                  <FlowLink flow={flow} />
                </div>
              )),
            },
            { label: say.weekend, value: words.and(calendar.weekend.map(weekday)) || words.none },
            { label: say.workdays, value: words.and(calendar.workdays) || words.none },
          ]}
        />
        <Table
          variant="embedded"
          contentDensity="compact"
          items={holidays}
          trackBy={([day]) => day}
          ariaLabels={{ tableLabel: `${say.holidays}: ${calendar.name}` }}
          columnDefinitions={[
            {
              id: "day",
              header: say.day,
              isRowHeader: true,
              cell: ([day]) => `${day} (${format.dayOfWeek(day)})`,
            },
            { id: "name", header: say.name, cell: ([, name]) => words.holiday(name) },
          ]}
        />
      </SpaceBetween>
    </ExpandableSection>
  );
}
