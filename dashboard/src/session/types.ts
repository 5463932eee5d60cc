/** What a session is, however it was begun. */

/** What the place that serves the dashboard says about itself, in /config.json. */
export type Config =
  | { auth: "local" }
  | {
      auth: "cognito";
      authority: string;
      domain: string;
      client_id: string;
      scope?: string;
      /** The company's identity provider, beside the local users. */
      provider?: string;
    };

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
