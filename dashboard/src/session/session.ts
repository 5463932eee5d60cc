/** Who uses the dashboard: signed in with Cognito, or on the local AWS one of its identities. */
import { reach } from "./reach";
import type { Config, Session } from "./types";

let current: Session | undefined;

/** The session that `open` has begun. */
export function session(): Session {
  if (!current) throw new Error("the session is opened before anything is shown");
  return current;
}

/**
 * Find out how users sign in here, and begin a session; does not return while the browser goes to sign in. `waiting` is
 * called each time the server could not be reached.
 */
export async function open(waiting: () => void): Promise<Session> {
  const config = await reach<Config>("/config.json", waiting);
  const made =
    config.auth === "local"
      ? await (await import("./local")).openLocal(waiting)
      : await (await import("./cognito")).openCognito(config);
  current = made;
  return made;
}
