/** An instance: what nightshift would do to it next, and did to it last. */
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";

import { useInstance } from "../api/queries";
import { useFormat, useLanguage, useWords } from "../i18n/language";
import { FittingTable } from "../ui/fitting";
import { FlowLink, RunLink } from "../ui/links";
import { Loaded } from "../ui/loaded";
import { InstanceStateLabel } from "../ui/states";

const en = {
  next: "What comes next",
  nextHint: "Flows that select it by its tags, the soonest first. Holds and skips are counted.",
  none: "No flow selects it by its tags",
  alarm: "By an alarm",
  hand: "By hand, or held without an end",
  changes: "What it may do",
  last: "What was done last",
  lastHint: "Runs that changed it, or failed on it, in the last 400 days.",
  nothing: "No run has touched it",
  by: "By",
  how: "Outcome",
  changed: "Changed",
  failed: "Failed",
};
const ja: typeof en = {
  next: "次の操作",
  nextHint: "タグでこのインスタンスを対象とするフロー (早い順)。保留とスキップを考慮しています。",
  none: "タグでこのインスタンスを対象とするフローはありません",
  alarm: "アラーム",
  hand: "手動、または期限なしの保留中",
  changes: "行われる可能性のある操作",
  last: "前回までの操作",
  lastHint: "過去 400 日間にこのインスタンスを変更した、または失敗した実行。",
  nothing: "このインスタンスを操作した実行はありません",
  by: "操作",
  how: "結果",
  changed: "変更",
  failed: "失敗",
};

export default function Instance({ id }: { id: string }) {
  const words = useWords();
  const format = useFormat();
  const say = useLanguage().language === "ja" ? ja : en;
  const query = useInstance(id);
  const known = query.data;
  const about = known && [id, known.instance.type, known.account, known.region].filter((text) => text !== "");
  return (
    <ContentLayout
      header={
        <Header
          variant="h1"
          description={about && words.and(about)}
          info={known && <InstanceStateLabel state={known.instance.state} />}
        >
          {known?.instance.name ?? id}
        </Header>
      }
    >
      <Loaded query={query}>
        {({ selecting, touched }) => (
          <SpaceBetween size="l">
            <FittingTable
              header={
                <Header variant="h2" description={say.nextHint}>
                  {say.next}
                </Header>
              }
              items={selecting}
              trackBy="flow"
              wrapLines
              empty={say.none}
              ariaLabels={{ tableLabel: say.next }}
              columnDefinitions={[
                {
                  id: "flow",
                  header: words.runs.flow,
                  isRowHeader: true,
                  minWidth: 200,
                  cell: ({ flow }) => <FlowLink flow={flow} />,
                },
                {
                  id: "next",
                  header: words.flows.next,
                  minWidth: 220,
                  cell: ({ next, alarm }) =>
                    next ? format.moment(next) : <span className="phrases">{alarm ? say.alarm : say.hand}</span>,
                },
                { id: "changes", header: say.changes, cell: ({ changes }) => words.and(changes) || words.none },
              ]}
            />
            <FittingTable
              header={
                <Header variant="h2" description={say.lastHint}>
                  {say.last}
                </Header>
              }
              items={touched}
              trackBy={({ flow, name }) => `${flow}/${name}`}
              wrapLines
              empty={say.nothing}
              ariaLabels={{ tableLabel: say.last }}
              columnDefinitions={[
                {
                  id: "time",
                  header: words.runs.started,
                  isRowHeader: true,
                  cell: ({ flow, name, time }) => (
                    <RunLink flow={flow} name={name}>
                      {format.moment(time)}
                    </RunLink>
                  ),
                },
                { id: "flow", header: words.runs.flow, cell: ({ flow }) => <FlowLink flow={flow} /> },
                { id: "by", header: say.by, cell: ({ parts }) => words.and(parts) },
                {
                  id: "how",
                  header: say.how,
                  cell: ({ failed }) => (
                    <StatusIndicator type={failed ? "error" : "success"}>
                      {failed ? say.failed : say.changed}
                    </StatusIndicator>
                  ),
                },
              ]}
            />
          </SpaceBetween>
        )}
      </Loaded>
    </ContentLayout>
  );
}
