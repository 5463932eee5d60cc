/** On the local AWS nobody signs in: one chooses whom to be. */
import { reach } from "./reach";
import type { Identity, Session } from "./types";

const KEPT = "nightshift.identity";

export async function openLocal(waiting: () => void): Promise<Session> {
  const { identities } = await reach<{ identities: Identity[] }>("/local/identities", waiting);
  const kept = localStorage.getItem(KEPT);
  const current = identities.find(({ name }) => name === kept) ?? identities[0];
  if (!current) throw new Error("/local/identities names nobody");
  const headers = { "x-nightshift-identity": current.name };
  return {
    headers: () => Promise.resolve(headers),
    signIn: () => Promise.resolve(),
    signOut: () => Promise.resolve(),
    identities: {
      all: identities,
      current: current.name,
      become(name) {
        localStorage.setItem(KEPT, name);
        // Another user sees another dashboard: nothing of the one before may stay on the page.
        location.hash = "#/";
        location.reload();
      },
    },
  };
}
