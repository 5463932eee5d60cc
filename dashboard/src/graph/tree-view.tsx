/** The tree of a flow: steps one below the other, branches side by side, frames around what belongs together. */
import Icon, { type IconProps } from "@cloudscape-design/components/icon";
import {
  colorBackgroundContainerContent,
  colorBackgroundLayoutMain,
  colorBackgroundStatusError,
  colorBackgroundStatusInfo,
  colorBackgroundStatusSuccess,
  colorBackgroundStatusWarning,
  colorBorderControlDefault,
  colorBorderItemFocused,
  colorBorderStatusError,
  colorBorderStatusInfo,
  colorBorderStatusSuccess,
  colorBorderStatusWarning,
  colorTextBodyDefault,
  colorTextBodySecondary,
} from "@cloudscape-design/design-tokens";
import { createContext, useContext, type CSSProperties, type ReactNode } from "react";

import type { StepState, TreeNode } from "../api/types";
import { useFormat, useWords } from "../i18n/language";
import { useInLanguage } from "../ui/user";
import type { Happened } from "./happened";
import "./tree.css";
import { all, isFrame, isStep, passes, stateOf, toldByGroups, type Branch } from "./tree";
import { useTreeWords, type TreeWords } from "./words";

interface Drawn {
  /** Of a run; undefined when there is none. */
  steps: Map<string, Happened> | undefined;
  /** What is known of steps that only their group tells of. */
  told: Map<string, number | null>;
  folded: ReadonlySet<string>;
  onFold: (id: string) => void;
  onSelect: ((id: string) => void) | undefined;
}

const Context = createContext<Drawn>({
  steps: undefined,
  told: new Map(),
  folded: new Set(),
  onFold() {},
  onSelect: undefined,
});

const NOTHING: Map<string, Happened> = new Map();

const COLORS = {
  "--tree-fill": colorBackgroundContainerContent,
  "--tree-frame": colorBackgroundLayoutMain,
  "--tree-border": colorBorderControlDefault,
  "--tree-focus": colorBorderItemFocused,
  "--tree-text": colorTextBodyDefault,
  "--tree-faint": colorTextBodySecondary,
  "--tree-success": colorBorderStatusSuccess,
  "--tree-success-fill": colorBackgroundStatusSuccess,
  "--tree-error": colorBorderStatusError,
  "--tree-error-fill": colorBackgroundStatusError,
  "--tree-warning": colorBorderStatusWarning,
  "--tree-warning-fill": colorBackgroundStatusWarning,
  "--tree-info": colorBorderStatusInfo,
  "--tree-info-fill": colorBackgroundStatusInfo,
} as CSSProperties;

const ICONS: Record<StepState, IconProps.Name> = {
  running: "status-in-progress",
  waiting: "status-pending",
  succeeded: "status-positive",
  failed: "status-negative",
  handled: "status-warning",
};

interface Props extends Omit<Drawn, "steps" | "told" | "onSelect"> {
  label: string;
  branches: readonly Branch[];
  steps?: Drawn["steps"];
  onSelect?: Drawn["onSelect"];
}

export function TreeView({ label, branches, steps, folded, onFold, onSelect }: Props) {
  const say = useTreeWords();
  const count = [...all(branches)].filter(({ node }) => isStep(node)).length;
  return (
    <Context value={{ steps, told: toldByGroups(branches, steps ?? NOTHING), folded, onFold, onSelect }}>
      <div className="tree" style={COLORS} role="group" aria-label={say.drawing(label, count)}>
        {count === 0 ? say.empty : <Sequence branches={branches} />}
      </div>
    </Context>
  );
}

function Sequence({ branches }: { branches: readonly Branch[] }) {
  return (
    <ol className="tree-sequence">
      {branches.map((branch) => (
        <li key={branch.node.id}>{isFrame(branch) ? <Frame branch={branch} /> : <Leaf branch={branch} />}</li>
      ))}
    </ol>
  );
}

function Leaf({ branch: { node } }: { branch: Branch }) {
  const { steps, told, onSelect } = useContext(Context);
  const say = useTreeWords();
  const title = useTitle()(node);
  if (!isStep(node))
    return (
      <span className="tree-pill" title={node.code || undefined}>
        {title}
      </span>
    );
  const happened = steps?.get(node.id);
  const times = told.get(node.id);
  const missed = steps !== undefined && !happened && times === undefined;
  const content = (
    <>
      <Sign node={node} happened={happened} />
      <span className="tree-title">
        {title}
        {node.calls && <span className="tree-small">{node.calls}</span>}
      </span>
      <Told happened={happened} />
    </>
  );
  const attributes = {
    className: `tree-step${missed ? " missed" : ""}`,
    "data-node": node.id,
    "data-state": happened?.state ?? (times ? "succeeded" : undefined),
  };
  return happened && onSelect ? (
    <button type="button" {...attributes} onClick={() => onSelect(node.id)}>
      {content}
    </button>
  ) : (
    <div {...attributes}>
      {content}
      {missed && <span className="tree-small">{say.notReached}</span>}
      {times !== undefined && <span className="tree-small">{times ? say.times(times) : say.perhaps}</span>}
    </div>
  );
}

/** What it is, or in a run, how it stands: a clock for what waits. */
function Sign({ node, happened }: { node: TreeNode; happened: Happened | undefined }) {
  const words = useWords();
  if (happened) {
    const { state } = happened;
    return <Icon name={ICONS[state]} variant={VARIANTS[state]} ariaLabel={words.step[state]} />;
  }
  if (node.kind === "wait") return <Icon name="status-pending" variant="subtle" />;
  if (node.kind === "approval") return <Icon name="user-profile" variant="subtle" />;
  return <Icon name={node.kind === "flow" ? "share" : "caret-right-filled"} variant="subtle" size="small" />;
}

const VARIANTS: Record<StepState, IconProps.Variant> = {
  running: "link",
  waiting: "link",
  succeeded: "success",
  failed: "error",
  handled: "warning",
};

/** How often it ran and how long it took. */
function Told({ happened }: { happened: Happened | undefined }) {
  const say = useTreeWords();
  const words = useWords();
  const format = useFormat();
  if (!happened) return null;
  const { steps } = happened;
  const last = steps.at(-1);
  const failed = steps.filter(({ state }) => state === "failed").length;
  const told = [
    steps.length > 1 && say.times(steps.length),
    steps.length > 1 && failed > 0 && say.failedPasses(failed),
    last?.state === "waiting" && last.wait !== null && words.run.looksAgain(format.duration(last.wait)),
    last && last.looks > 1 && words.run.looks(last.looks),
    steps.length === 1 && last?.duration != null && format.duration(last.duration),
  ].filter((each) => typeof each === "string");
  return <span className="tree-told">{told.join(" · ")}</span>;
}

function Frame({ branch }: { branch: Branch }) {
  const { steps, folded, onFold, onSelect } = useContext(Context);
  const say = useTreeWords();
  const { node, inside } = branch;
  const title = useTitle()(node, inside);
  const shown = !folded.has(node.id);
  const state = steps && stateOf(branch, steps);
  const own = steps?.get(node.id);
  const count = [...all(inside)].filter((each) => isStep(each.node)).length;
  return (
    <div
      className={`tree-frame ${node.kind}`}
      data-state={state ?? undefined}
      {...(isStep(node) && { "data-node": node.id })}
    >
      <div className="tree-head">
        <button
          type="button"
          className="tree-fold"
          aria-expanded={shown}
          aria-label={shown ? say.fold(title) : say.unfold(title)}
          onClick={() => onFold(node.id)}
        >
          <Icon name={shown ? "caret-down-filled" : "caret-right-filled"} size="small" />
        </button>
        <span className="tree-title" title={node.code || undefined}>
          {own && onSelect ? (
            <button type="button" className="tree-link" onClick={() => onSelect(node.id)}>
              {title}
            </button>
          ) : (
            title
          )}
        </span>
        <span className="tree-told">{tellFrame(branch, steps, say)}</span>
        {!shown && <span className="tree-told">{say.inside(count)}</span>}
      </div>
      {shown && <Inside branch={branch} />}
    </div>
  );
}

function tellFrame({ node, inside }: Branch, steps: Drawn["steps"], say: TreeWords): string {
  if (!steps) return "";
  if (node.kind === "loop") return say.passes(passes(inside, steps));
  const last = steps.get(node.id)?.steps.at(-1);
  return node.kind === "each" && last?.items != null ? say.items(last.items_done ?? 0, last.items) : "";
}

function Inside({ branch: { node, inside } }: { branch: Branch }): ReactNode {
  const { steps } = useContext(Context);
  const title = useTitle();
  if (node.kind === "loop" || node.kind === "each") return <Sequence branches={inside} />;
  return (
    <div className={node.kind === "try" ? "tree-below" : "tree-beside"}>
      {inside.map((way) => (
        <div
          key={way.node.id}
          className={`tree-way ${way.node.kind}${steps && !stateOf(way, steps) ? " missed" : ""}`}
          data-state={(steps && stateOf(way, steps)) ?? undefined}
        >
          {title(way.node) !== "" && way.node.kind !== "body" && (
            <div className="tree-way-title">{title(way.node)}</div>
          )}
          <Sequence branches={way.inside} />
        </div>
      ))}
    </div>
  );
}

/** What a node says; of a frame it depends on what is inside. */
function useTitle(): (node: TreeNode, inside?: readonly Branch[]) => string {
  const say = useTreeWords();
  const inLanguage = useInLanguage();
  return (node, inside = []) => {
    const title = inLanguage(node.title, node.title_ja);
    switch (node.kind) {
      case "if":
        return say.if(title);
      case "except":
        return say.except(title);
      case "raise":
        return say.raise(title);
      case "try":
        return inside.some((way) => way.node.kind === "finally") ? say.tryFinally : say.try;
      case "then":
      case "else":
      case "body":
      case "finally":
      case "return":
      case "break":
      case "continue":
        return say[node.kind];
      default:
        return title;
    }
  };
}
