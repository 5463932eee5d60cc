/** Which instances of the fleet are shown. */
import type { Instance } from "../api/types";

export type Kind = "tag" | "account" | "region" | "state";

/** What instances may be chosen by, by kind, as "Key=value" or the name of a place or state. */
export function choicesOf(instances: readonly Instance[]): Record<Kind, string[]> {
  const all = (of: (instance: Instance) => string[]) => [...new Set(instances.flatMap(of))].sort();
  return {
    // Names tell instances apart: they are looked for as text.
    tag: all(tagsOf).filter((tag) => !tag.startsWith("Name=")),
    account: all(({ account }) => [account]),
    region: all(({ region }) => [region]),
    state: all(({ state }) => [state]),
  };
}

/**
 * Those that have all words of a text somewhere: in their name, id, type, state, place or tags; all of the chosen tags; and
 * one of the chosen accounts, Regions and states, where any is chosen.
 */
export function chosenInstances(
  instances: readonly Instance[],
  text: string,
  chosen: readonly { kind: Kind; value: string }[],
): Instance[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const of = (kind: Kind) => chosen.filter((each) => each.kind === kind).map(({ value }) => value);
  const among = (kind: Kind, value: string) => of(kind).length === 0 || of(kind).includes(value);
  return instances.filter((instance) => {
    const tags = tagsOf(instance);
    const { id, name, type, state, account, region, zone } = instance;
    const told = [id, name ?? "", type, state, account, region, zone ?? "", ...tags].join("\n").toLowerCase();
    return (
      words.every((word) => told.includes(word)) &&
      of("tag").every((tag) => tags.includes(tag)) &&
      among("account", account) &&
      among("region", region) &&
      among("state", state)
    );
  });
}

function tagsOf({ tags }: Instance): string[] {
  return Object.entries(tags).map(([key, value]) => `${key}=${value}`);
}
