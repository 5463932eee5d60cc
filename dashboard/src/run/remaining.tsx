/** How long something that goes on usually takes, by its history, and what is left of that. */
import type { RunDetail } from "../api/types";
import { useUsual } from "../api/queries";
import { useFormat } from "../i18n/language";
import { useClock } from "../ui/clock";
import { leftOf } from "./left";
import { useRunWords } from "./words";

interface Props {
  run: RunDetail;
  /** The name of a step, and when it began; the run itself without. */
  step?: { name: string; started: string | null };
}

/** Nothing of a run that has ended, of a dry run, of one that was redriven, and where the history tells nothing. */
export function Remaining({ run, step }: Props) {
  const tells = run.state === "RUNNING" && !run.dry_run && run.redrives === 0;
  const { data } = useUsual(run.flow, tells);
  const usual = step ? data?.steps[step.name] : data?.duration;
  const began = step ? step.started : run.started;
  if (!tells || !usual || !began) return null;
  return <Counted usual={usual} began={Date.parse(began)} />;
}

/** usual: seconds. began: milliseconds since the epoch. */
export function Counted({ usual, began }: { usual: number; began: number }) {
  const say = useRunWords();
  const format = useFormat();
  const { left, over } = leftOf(usual, (useClock(true) - began) / 1000);
  const told = over > 0 ? say.longer(format.duration(over)) : say.left(format.duration(left));
  return <span data-usual={usual}>{say.usually(format.duration(usual), told)}</span>;
}
