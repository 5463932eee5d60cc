/** The report of one flow, or of all; what is chosen stands in the address, so that a link shows the same again. */
import Container from "@cloudscape-design/components/container";
import ContentLayout from "@cloudscape-design/components/content-layout";
import DatePicker from "@cloudscape-design/components/date-picker";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { getReport } from "../api/queries";
import { ExportButton } from "../export/button";
import { chosenSpan, daysOf, SPANS, USUAL } from "../find/days";
import { filterOf } from "../find/filter";
import { useFindWords } from "../find/words";
import { ownZone } from "../i18n/format";
import { useWords } from "../i18n/language";
import ReportPanel from "../panels/report";
import SummaryPanel from "../panels/summary";
import { useChosen } from "../ui/address";
import { Choice, DAYS, FlowChoice } from "../ui/choices";

const COLUMN = { colspan: { default: 12, s: 6, m: 3 } } as const;

export default function Report() {
  const words = useWords();
  const say = useFindWords();
  const [chosen, choose] = useChosen();
  const { flow = null } = filterOf(chosen, new Date());
  const days = daysOf(chosen);
  const span = chosenSpan(chosen);
  const numbers = typeof span === "string" || DAYS.includes(span) ? DAYS : [...DAYS, span].sort((a, b) => a - b);
  const read = async () => ({
    rows: (await getReport(flow, days.since, days.until, ownZone())).days,
    cut: false,
  });
  const ends = span === "range" ? (["from", "to"] as const) : [];
  return (
    <ContentLayout
      header={
        <Header variant="h1" actions={<ExportButton name="nightshift-report" read={read} />}>
          {words.report.title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Grid gridDefinition={[COLUMN, COLUMN, ...ends.map(() => COLUMN)]}>
          <FormField label={words.runs.flow}>
            <FlowChoice value={flow} onChange={(name) => choose({ flow: name ?? "" })} />
          </FormField>
          <FormField label={words.board.days}>
            <Choice
              label={words.board.days}
              value={String(span)}
              options={[
                ...numbers.map((each): [string, string] => [String(each), words.summary.period(each)]),
                ...SPANS.map((each): [string, string] => [each, say.periods[each]]),
              ]}
              onChange={(when) =>
                choose({
                  when: when === String(USUAL) ? "" : when,
                  // What was shown is where a range begins from.
                  from: when === "range" ? days.since : "",
                  to: when === "range" ? days.until : "",
                })
              }
            />
          </FormField>
          {ends.map((name) => (
            <FormField key={name} label={say[name]}>
              <DatePicker
                value={chosen.get(name) ?? ""}
                placeholder="YYYY/MM/DD"
                onChange={({ detail }) => choose({ [name]: detail.value })}
              />
            </FormField>
          ))}
        </Grid>
        <Container header={<Header variant="h2">{flow ?? words.runs.everyFlow}</Header>}>
          <ReportPanel flow={flow} days={days} height={260} />
        </Container>
        {flow === null && (
          <Container header={<Header variant="h2">{words.summary.title}</Header>}>
            <SummaryPanel days={days} chart={false} />
          </Container>
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}
