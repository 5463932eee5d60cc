/** The form of a flow's parameters: what is typed into it, and the JSON values that it means. */
import type { FlowParameter } from "../api/types";
import type { Words } from "../i18n/en";

/** What the fields hold: text as typed, or the value of a switch or a choice; null is "none". */
export type Field = string | boolean | null;
export type Fields = Record<string, Field>;

export interface Read {
  /** The parameters that differ from their defaults. */
  parameters: Record<string, unknown>;
  /** What is wrong, by parameter; nothing when all can be sent. */
  problems: Record<string, string>;
}

type Say = Words["start"];
type Kind = FlowParameter["kind"];

class Wrong extends Error {}

/** The form as it opens: with the defaults. */
export function initial(parameters: readonly FlowParameter[]): Fields {
  return Object.fromEntries(parameters.map((parameter) => [parameter.name, show(parameter, parameter.default)]));
}

/** A value as its field shows it. */
export function show(parameter: FlowParameter, value: unknown): Field {
  if (value === null || value === undefined) {
    // A switch is on or off, and a text is there; only what may be null is "none".
    if (parameter.nullable) return null;
    return parameter.kind === "boolean" ? false : "";
  }
  switch (parameter.kind) {
    case "boolean":
      return value === true;
    case "list":
      return Array.isArray(value)
        ? value.map((item) => (parameter.item === "json" ? JSON.stringify(item) : String(item))).join("\n")
        : "";
    case "json":
      return JSON.stringify(value, null, 2);
    default:
      return typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** The form as a preset opens it: with its parameters, and the defaults of the others. */
export function filledWith(parameters: readonly FlowParameter[], given: Readonly<Record<string, unknown>>): Fields {
  return Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name,
      show(parameter, parameter.name in given ? given[parameter.name] : parameter.default),
    ]),
  );
}

/** What a filled form means. all: with the parameters that are at their defaults. */
export function read(parameters: readonly FlowParameter[], fields: Fields, say: Say, all = false): Read {
  const found: Read = { parameters: {}, problems: {} };
  for (const parameter of parameters) {
    try {
      const value = readOne(parameter, fields[parameter.name] ?? null, say);
      const same = !all && !parameter.required && JSON.stringify(value) === JSON.stringify(parameter.default);
      if (!same) found.parameters[parameter.name] = value;
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      found.problems[parameter.name] = error.message;
    }
  }
  return found;
}

function readOne(parameter: FlowParameter, field: Field, say: Say): unknown {
  const { kind, nullable, required } = parameter;
  if (field === null) {
    if (nullable) return null;
    throw new Wrong(say.needed);
  }
  if (typeof field === "boolean") return field;
  if (kind === "list") {
    const lines = field.split("\n").map((line) => line.trim());
    const items = lines
      .filter((line) => line !== "")
      .map((line) => readText(parameter.item ?? "text", line, parameter, say));
    if (items.length === 0 && required) throw new Wrong(say.needed);
    return items;
  }
  // An empty text is a text where the default is one; any other empty field is nothing.
  if (field.trim() === "" && !(kind === "text" && !required)) {
    if (nullable) return null;
    throw new Wrong(say.needed);
  }
  if (field === "" && kind === "text" && nullable && parameter.default === null) return null;
  return readText(kind, field, parameter, say);
}

function readText(kind: Kind, text: string, parameter: FlowParameter, say: Say): unknown {
  switch (kind) {
    case "integer":
      if (!/^[+-]?\d+$/.test(text.trim())) throw new Wrong(say.notInteger);
      return Number(text);
    case "number":
      if (!Number.isFinite(Number(text))) throw new Wrong(say.notNumber);
      return Number(text);
    case "boolean":
      return text.toLowerCase() === "true";
    case "choice": {
      const choice = parameter.choices.find((value) => String(value) === text);
      if (choice === undefined) throw new Wrong(`${say.choose}: ${parameter.choices.join(", ")}`);
      return choice;
    }
    case "json":
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new Wrong(say.notJson);
      }
    default:
      return text;
  }
}

/**
 * Which picker a text has: by its default, else by the form that its description names, as in "the day, YYYY-MM-DD" or
 * "when to stop, HH:MM". A flow's parameters have no types of their own for dates and times.
 */
export function pickerOf(parameter: Pick<FlowParameter, "kind" | "default" | "description">): "date" | "time" | null {
  if (parameter.kind !== "text") return null;
  const { default: usual, description } = parameter;
  if (typeof usual === "string" && usual !== "") {
    if (/^\d{4}-\d{2}-\d{2}$/.test(usual)) return "date";
    return /^\d{2}:\d{2}$/.test(usual) ? "time" : null;
  }
  if (/\bYYYY-MM-DD\b(?!T)/.test(description ?? "")) return "date";
  return /\bHH:MM\b(?!:)/.test(description ?? "") && !description?.includes("YYYY") ? "time" : null;
}

/** A parameter's value in one line. */
export function inline(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
