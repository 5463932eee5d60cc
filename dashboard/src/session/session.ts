/** Who uses the dashboard: signed in with Cognito, or on the local AWS one of its identities. */
import type { Config, Session } from "./types";

let current: Session | undefined;

/** The session that `open` has begun. */
export function session(): Session {
  if (!current) throw new Error("the session is opened before anything is shown");
  return current;
}

/** Find out how users sign in here, and begin a session; does not return while the browser goes to sign in. */
export async function open(): Promise<Session> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`/config.json: HTTP ${response.status}`);
  const config = (await response.json()) as Config;
  const made =
    config.auth === "local"
      ? await (await import("./local")).openLocal()
      : await (await import("./cognito")).openCognito(config);
  current = made;
  return made;
}
