/** The signed-in user, known on every page below the shell. */
import { createContext, useContext } from "react";

import type { Me } from "../api/types";

export const UserContext = createContext<Me | null>(null);

export function useUser(): Me {
  const user = useContext(UserContext);
  if (!user) throw new Error("there is no user around this");
  return user;
}
