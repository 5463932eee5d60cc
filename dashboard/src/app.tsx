/** The frame around every page: who is here, which pages there are, and what was just done. */
import AppLayout from "@cloudscape-design/components/app-layout";
import Box from "@cloudscape-design/components/box";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Header from "@cloudscape-design/components/header";
import SideNavigation from "@cloudscape-design/components/side-navigation";
import { lazy, Suspense, useEffect, useState } from "react";
import { Route, Switch, useLocation } from "wouter";

import { usePulse } from "./api/pulse";
import { useMe } from "./api/queries";
import type { Me } from "./api/types";
import { FreezeBar } from "./holds/freeze-bar";
import { useFormat, useWords } from "./i18n/language";
import { useOpenNews } from "./open/news";
import { TopBar } from "./top-bar";
import { Crash } from "./ui/crash";
import { Loaded, Waiting } from "./ui/loaded";
import { NoticeBar, NoticesProvider } from "./ui/notices";
import { href } from "./ui/paths";
import { UserContext } from "./ui/user";
import { useFrameWords } from "./ui/words";

const Home = lazy(() => import("./pages/home"));
const Operator = lazy(() => import("./pages/operator"));
const Flows = lazy(() => import("./pages/flows"));
const Buttons = lazy(() => import("./pages/buttons"));
const GroupBoard = lazy(() => import("./pages/group-board"));
const Flow = lazy(() => import("./pages/flow"));
const Open = lazy(() => import("./pages/open"));
const Runs = lazy(() => import("./pages/runs"));
const Run = lazy(() => import("./pages/run"));
const Report = lazy(() => import("./pages/report"));
const Next = lazy(() => import("./pages/next"));
const Calendar = lazy(() => import("./pages/calendar"));
const Fleet = lazy(() => import("./pages/fleet"));
const Instance = lazy(() => import("./pages/instance"));
const Approvals = lazy(() => import("./pages/approvals"));
const Handover = lazy(() => import("./pages/handover"));
const Audit = lazy(() => import("./pages/audit"));

export function App() {
  const me = useMe();
  return (
    <NoticesProvider>
      <div id="top" className="sticky-top">
        <TopBar me={me.data} />
      </div>
      <Crash>
        {me.data ? (
          <UserContext value={me.data}>
            <Frame me={me.data} />
          </UserContext>
        ) : (
          <Box padding="xl">
            <main>
              <Loaded query={me}>{() => null}</Loaded>
            </main>
          </Box>
        )}
      </Crash>
    </NoticesProvider>
  );
}

function Frame({ me }: { me: Me }) {
  const words = useWords();
  const format = useFormat();
  const { timesIn } = useFrameWords();
  const [path] = useLocation();
  const [open, setOpen] = useState(() => matchMedia("(min-width: 1200px)").matches);
  const page = `/${path.split("/")[1] ?? ""}`;
  const pages = [
    ["/", words.shell.home],
    ["/flows", words.shell.flows],
    ["/buttons", words.board.buttons],
    ["/open", words.shell.open],
    ["/handover", words.shell.handover],
    ["/runs", words.shell.runs],
    ["/approvals", words.shell.approvals],
    ["/report", words.shell.report],
    ["/next", words.shell.next],
    ["/calendar", words.shell.calendar],
    ["/fleet", words.shell.fleet],
    ["/audit", words.shell.audit],
  ] as const;
  const here = me.admin ? pages.find(([to]) => to === page)?.[1] : words.shell.operatorTitle;
  const count = useOpenNews();
  usePulse();
  useEffect(() => {
    const title = here ? `${here} - nightshift` : "nightshift";
    document.title = count ? `(${String(count)}) ${title}` : title;
  }, [here, count]);
  return (
    <AppLayout
      headerSelector="#top"
      toolsHide
      navigationHide={!me.admin}
      navigationOpen={open}
      navigationWidth={220}
      onNavigationChange={({ detail }) => setOpen(detail.open)}
      navigation={
        <SideNavigation
          activeHref={href(page)}
          items={pages.map(([to, text]) => ({ type: "link", text, href: href(to) }))}
          onFollow={() => {
            if (matchMedia("(max-width: 688px)").matches) setOpen(false);
          }}
        />
      }
      notifications={<NoticeBar />}
      ariaLabels={{
        navigation: words.shell.navigation,
        navigationToggle: words.shell.openNavigation,
        navigationClose: words.shell.closeNavigation,
        notifications: words.shell.notifications,
      }}
      content={
        // An error on one page is gone on the next.
        <Crash key={path}>
          <FreezeBar />
          <Suspense fallback={<Waiting />}>{me.admin ? <Pages /> : <OperatorPages />}</Suspense>
          <Box variant="small" display="block" padding={{ top: "m" }} textAlign="right">
            {timesIn(format.zone())}
          </Box>
        </Crash>
      }
    />
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/flows" component={Flows} />
      <Route path="/flows/:flow">{({ flow }) => <Flow key={flow} name={flow} />}</Route>
      <Route path="/buttons" component={Buttons} />
      <Route path="/boards/:group">{({ group }) => <GroupBoard key={group} group={group} />}</Route>
      <Route path="/open" component={Open} />
      <Route path="/runs" component={Runs} />
      <Route path="/runs/:flow/:name">
        {({ flow, name }) => <Run key={`${flow}/${name}`} flow={flow} name={name} />}
      </Route>
      <Route path="/approvals" component={Approvals} />
      <Route path="/report" component={Report} />
      <Route path="/next" component={Next} />
      <Route path="/calendar" component={Calendar} />
      <Route path="/fleet" component={Fleet} />
      <Route path="/fleet/:id">{({ id }) => <Instance key={id} id={id} />}</Route>
      <Route path="/handover" component={Handover} />
      <Route path="/audit" component={Audit} />
      <Route component={NotFound} />
    </Switch>
  );
}

/** An operator of a limited group has buttons to press, and the runs that they start. */
function OperatorPages() {
  return (
    <Switch>
      <Route path="/runs/:flow/:name">
        {({ flow, name }) => <Run key={`${flow}/${name}`} flow={flow} name={name} />}
      </Route>
      <Route path="/approvals" component={Approvals} />
      <Route component={Operator} />
    </Switch>
  );
}

function NotFound() {
  const words = useWords();
  return (
    <ContentLayout header={<Header variant="h1">{words.shell.notFound}</Header>}>
      <Box>{words.shell.notFoundHint}</Box>
    </ContentLayout>
  );
}
