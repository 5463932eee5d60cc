/** What happened since the user last looked, with the mark until where they have read. */
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";

import { useHandover, useMarkRead } from "../api/queries";
import { useFormat } from "../i18n/language";
import { AuditTable } from "../panels/audit-table";
import { RunTable } from "../panels/run-list";
import { Loaded } from "../ui/loaded";
import { useNotices } from "../ui/notices";
import { useHandoverWords } from "./words";

const DAY = 24;
/** Hours to look back; 0 is until the user's mark. */
const PERIODS = [0, 8, DAY, 7 * DAY];

export default function Happened() {
  const say = useHandoverWords();
  const format = useFormat();
  const notices = useNotices();
  const [hours, setHours] = useState(0);
  const told = useHandover(hours);
  const mark = useMarkRead();
  const name = (n: number) => (n === 0 ? say.mine : n <= DAY ? say.hours(n) : say.days(n / DAY));
  const options = PERIODS.map((n) => ({ value: String(n), label: name(n) }));
  return (
    <Loaded query={told}>
      {({ since, until, failed, done, more }) => (
        <SpaceBetween size="m">
          <SpaceBetween direction="horizontal" size="s" alignItems="center">
            <Select
              ariaLabel={say.period}
              options={options}
              selectedOption={options.find(({ value }) => value === String(hours)) ?? null}
              onChange={({ detail }) => setHours(Number(detail.selectedOption.value))}
            />
            <Box>{say.since(format.moment(since))}</Box>
            <Button
              loading={mark.isPending}
              onClick={() =>
                mark.mutate(until, {
                  onSuccess: ({ read }) => notices.say(say.wasRead(format.moment(read))),
                  onError: (error) => notices.fail(say.read, error),
                })
              }
            >
              {say.read}
            </Button>
          </SpaceBetween>
          {more && <Alert type="info">{say.more}</Alert>}
          <Header variant="h3" counter={`(${String(failed.length)})`}>
            {say.failed}
          </Header>
          <RunTable runs={failed} empty={say.noneFailed} label={say.failed} />
          <AuditTable
            entries={done}
            empty={say.noneDone}
            label={say.done}
            header={
              <Header variant="h3" counter={`(${String(done.length)})`}>
                {say.done}
              </Header>
            }
          />
        </SpaceBetween>
      )}
    </Loaded>
  );
}
