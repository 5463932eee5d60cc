/** The bar at the top: where this is, the language, the colours, and who is signed in. */
import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";

import type { Me } from "./api/types";
import { useLanguage } from "./i18n/language";
import { session } from "./session/session";
import { useTheme, type Theme } from "./session/theme";

export function TopBar({ me }: { me: Me | undefined }) {
  const { words, language, speak } = useLanguage();
  const [theme, chooseTheme] = useTheme();
  const shell = words.shell;
  const themes: [Theme, string][] = [
    ["light", shell.light],
    ["dark", shell.dark],
    ["system", shell.system],
  ];
  const checked = (on: boolean) => ({ itemType: "checkbox" as const, checked: on });
  const utilities: TopNavigationProps.Utility[] = [
    {
      type: "menu-dropdown",
      iconName: "globe",
      text: language === "ja" ? "日本語" : "English",
      ariaLabel: `${shell.language}: ${language === "ja" ? "日本語" : "English"}`,
      title: shell.language,
      items: [
        { id: "en", text: "English", lang: "en", ...checked(language === "en") },
        { id: "ja", text: "日本語", lang: "ja", ...checked(language === "ja") },
      ],
      onItemClick: ({ detail }) => speak(detail.id === "ja" ? "ja" : "en"),
    },
    {
      type: "menu-dropdown",
      iconName: "view-full",
      ariaLabel: shell.theme,
      title: shell.theme,
      items: themes.map(([id, text]) => ({ id, text, ...checked(theme === id) })),
      onItemClick: ({ detail }) => chooseTheme(themes.find(([id]) => id === detail.id)?.[0] ?? "system"),
    },
    who(me),
  ];
  function who(user: Me | undefined): TopNavigationProps.Utility {
    const { identities, signOut } = session();
    const name = user?.name ?? identities?.current ?? shell.user;
    return {
      type: "menu-dropdown",
      iconName: "user-profile",
      text: name,
      ariaLabel: `${shell.user}: ${name}`,
      ...(user && { description: user.admin ? shell.administrator : user.groups.join(", ") }),
      items: identities
        ? [
            {
              text: shell.become,
              items: identities.all.map(({ name: id, groups }) => ({
                id,
                text: id,
                secondaryText: groups.join(", "),
                ...checked(id === identities.current),
              })),
            },
          ]
        : [{ id: "sign-out", text: shell.signOut }],
      onItemClick: ({ detail }) => (identities ? identities.become(detail.id) : void signOut()),
    };
  }
  return (
    <TopNavigation
      identity={{
        href: "#/",
        title: me ? `nightshift ${me.app === "nightshift" ? "" : me.app}`.trim() : "nightshift",
        logo: { src: "/icon.svg", alt: shell.logo },
      }}
      utilities={utilities}
      i18nStrings={{
        overflowMenuTriggerText: shell.more,
        overflowMenuTitleText: shell.menu,
        overflowMenuBackIconAriaLabel: words.back,
        overflowMenuDismissIconAriaLabel: shell.closeMenu,
      }}
    />
  );
}
