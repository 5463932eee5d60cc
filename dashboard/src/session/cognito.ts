/**
 * Sign-in with the hosted pages of a Cognito user pool: authorization code with PKCE, as "Using PKCE in authorization
 * code grants" (Amazon Cognito Developer Guide) has it. Tokens live in the session storage of the one tab.
 */
import { UserManager, WebStorageStateStore } from "oidc-client-ts";

import type { Config, Session } from "./types";

type CognitoConfig = Extract<Config, { auth: "cognito" }>;

export async function openCognito(config: CognitoConfig): Promise<Session> {
  const home = `${location.origin}/`;
  const users = new UserManager({
    authority: config.authority,
    client_id: config.client_id,
    redirect_uri: home,
    response_type: "code",
    scope: config.scope ?? "openid email",
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: true,
  });
  const signIn = async () => {
    const chosen = config.provider ? await (await import("./choose")).choose(config.provider) : undefined;
    await users.signinRedirect({
      state: location.hash,
      ...(chosen && { extraQueryParams: { identity_provider: chosen } }),
    });
  };
  const query = new URLSearchParams(location.search);
  if (query.has("code") && query.has("state")) {
    const user = await users.signinRedirectCallback();
    const page = typeof user.state === "string" ? user.state : "";
    history.replaceState(null, "", `${home}${page}`);
  } else if (query.has("error")) {
    throw new Error(query.get("error_description") ?? query.get("error") ?? "sign-in failed");
  }
  const token = async () => {
    let user = await users.getUser();
    if (user && (user.expires_in ?? 0) < 60 && user.refresh_token) user = await users.signinSilent().catch(() => null);
    return user && !user.expired ? user.access_token : undefined;
  };
  if (!(await token())) {
    await signIn();
    // The browser is on its way to the sign-in page.
    return new Promise(() => undefined);
  }
  return {
    headers: async (): Promise<Record<string, string>> => {
      const found = await token();
      return found ? { authorization: `Bearer ${found}` } : {};
    },
    signIn,
    signOut: async () => {
      await users.revokeTokens(["refresh_token"]).catch(() => undefined);
      await users.removeUser();
      const leave = new URLSearchParams({ client_id: config.client_id, logout_uri: home });
      location.assign(`https://${config.domain}/logout?${leave}`);
    },
  };
}
