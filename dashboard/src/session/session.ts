/** Who uses the dashboard: signed in with Cognito, or on the local AWS one of its identities. */

/** What the place that serves the dashboard says about itself, in /config.json. */
export type Config =
  { auth: "local" } | { auth: "cognito"; authority: string; domain: string; client_id: string; scope?: string };

export interface Identity {
  name: string;
  groups: string[];
}

export interface Session {
  /** The headers that tell the API who asks. */
  headers: () => Promise<Record<string, string>>;
  /** Leave, or have the user sign in again; the page is left for that. */
  signIn: () => Promise<void>;
  signOut: () => Promise<void>;
  /** On the local AWS: whom one can be. */
  identities?: { all: Identity[]; current: string; become: (name: string) => void };
}

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
