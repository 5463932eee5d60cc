/** A month with what will run, and the calendars that schedules go by. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { useCalendar } from "../api/queries";
import { Calendars } from "../calendar/calendars";
import { Month } from "../calendar/month";
import { dayText, monthAway, weeksOf } from "../calendar/weeks";
import { useCalendarWords } from "../calendar/words";
import { ownZone } from "../i18n/format";
import { useFormat, useWords } from "../i18n/language";
import { useChosen } from "../ui/address";
import { Loaded } from "../ui/loaded";

export default function Calendar() {
  const words = useWords();
  const say = useCalendarWords();
  const format = useFormat();
  const [chosen, choose] = useChosen();
  const [year, month] = (/^\d{4}-\d\d$/.test(chosen.get("month") ?? "") ? chosen.get("month") : null)?.split("-") ?? [];
  const first = year ? new Date(Number(year), Number(month) - 1, 1) : monthAway(new Date(), 0);
  const days = weeksOf(first).flat();
  const [since, until] = [days[0] ?? "", days.at(-1) ?? ""];
  const calendar = useCalendar(since, until, ownZone());
  const go = (months: number) => choose({ month: dayText(monthAway(first, months)).slice(0, 7) });
  const label = format.month(first);
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={say.hint}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button iconName="angle-left" ariaLabel={say.before} onClick={() => go(-1)} />
              <Button onClick={() => choose({ month: "" })}>{say.today}</Button>
              <Button iconName="angle-right" ariaLabel={say.after} onClick={() => go(1)} />
            </SpaceBetween>
          }
        >
          {words.shell.calendar}
        </Header>
      }
    >
      <Loaded query={calendar}>
        {(found) => (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">{label}</Header>}>
              <Month first={first} label={label} days={found.days} />
              {found.ran_since > since && (
                <Box color="text-status-warning">{say.ranSince(format.day(found.ran_since))}</Box>
              )}
              {found.more && <Box color="text-status-warning">{say.more}</Box>}
            </Container>
            <Container header={<Header variant="h2">{say.calendars}</Header>}>
              <Calendars calendars={found.calendars} />
            </Container>
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}
