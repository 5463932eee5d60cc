/** When the steps of a run ran: a row for each step of the flow, a bar for each time it ran. */
import {
  colorBorderControlDefault,
  colorBorderStatusError,
  colorBorderStatusInfo,
  colorBorderStatusSuccess,
  colorBorderStatusWarning,
} from "@cloudscape-design/design-tokens";
import type { RunDetail, Step, StepState } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { useStepTitles } from "../run/titles";
import type { Happened } from "./happened";
import "./time-line.css";
import { useTreeWords } from "./words";

const PAINT: Record<StepState, string> = {
  running: colorBorderStatusInfo,
  waiting: colorBorderStatusInfo,
  succeeded: colorBorderStatusSuccess,
  failed: colorBorderStatusError,
  handled: colorBorderStatusWarning,
};

interface Props {
  run: RunDetail;
  steps: Map<string, Happened>;
  onSelect: (node: string) => void;
}

export default function TimeLine({ run, steps: happened, onSelect }: Props) {
  const say = useTreeWords();
  const words = useWords();
  const format = useFormat();
  const from = Date.parse(run.started);
  // By the clock, and not by the duration, which leaves out the time before a redrive.
  const ends = run.steps.map((step) => step.ended ?? step.started).concat(run.ended);
  const last = Math.max(...ends.map((moment) => (moment ? Date.parse(moment) : from)));
  const span = Math.max(1, last - from, (run.duration ?? 0) * 1000);
  const titleOf = useStepTitles(run.flow);
  const place = (step: Step) => {
    const start = step.started ? Date.parse(step.started) - from : 0;
    const end = step.ended ? Date.parse(step.ended) - from : span;
    const percent = (at: number) => Math.min(100, Math.max(0, (at / span) * 100));
    return { insetInlineStart: `${percent(start)}%`, inlineSize: `${percent(end) - percent(start)}%` };
  };
  return (
    <ol className="time-line" aria-label={say.timeLine} style={{ borderColor: colorBorderControlDefault }}>
      {[...happened].map(([name, { steps }]) => {
        const title = titleOf(name) ?? name;
        const [first] = steps;
        const told = first?.started
          ? `${format.clockExact(first.started)}, ${format.duration(steps.reduce((sum, step) => sum + (step.duration ?? 0), 0))}`
          : "";
        return (
          <li key={name}>
            <button type="button" className="time-line-name" onClick={() => onSelect(name)}>
              {title}
            </button>
            <span className="time-line-told">{told}</span>
            <span className="time-line-track" style={{ borderColor: colorBorderControlDefault }} aria-hidden>
              {steps.map((step, index) => (
                <span
                  key={index}
                  title={`${step.label}: ${words.step[step.state]}`}
                  className="time-line-bar"
                  style={{ ...place(step), background: PAINT[step.state] }}
                />
              ))}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
