import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { isFreshWanted, isSignedOut } from "./api.ts";
import { Missing } from "./pages/missing.tsx";
import { Frame } from "./parts/frame.tsx";
import { lazy } from "./parts/lazy.tsx";
import { Palette } from "./parts/palette.tsx";
import { Help } from "./parts/shortcuts.tsx";
import { Failure, Loading } from "./parts/states.tsx";
import { Toast } from "./parts/toast.tsx";
import { go, path, preload, type Route, Routes } from "./router.tsx";
import { loadSession, loadStatus, session } from "./session.ts";

const SignInAgain = lazy(() => import("./parts/sign-in-again.tsx").then((module) => module.SignInAgain));

const OPEN: Route[] = [
  { path: "/console/sign-in", load: () => import("./pages/sign-in/index.tsx") },
  { path: "/console/setup", load: () => import("./pages/setup/index.tsx") },
];

const ROUTES: Route[] = [
  { path: "/console", load: () => import("./pages/home/index.tsx") },
  { path: "/console/account", load: () => import("./pages/account/index.tsx") },
  { path: "/console/account/activity", load: () => import("./pages/activity/index.tsx") },
  { path: "/console/account/tokens", load: () => import("./pages/tokens/index.tsx") },
  { path: "/console/account/tokens/new", load: () => import("./pages/tokens/new.tsx") },
  { path: "/console/authorize", load: () => import("./pages/authorize/index.tsx") },
  { path: "/console/new", load: () => import("./pages/new/index.tsx") },
  { path: "/console/w/:websiteId", load: () => import("./pages/overview/index.tsx") },
  { path: "/console/w/:websiteId/realtime", load: () => import("./pages/realtime/index.tsx") },
  { path: "/console/w/:websiteId/visitors", load: () => import("./pages/visitors/index.tsx") },
  { path: "/console/w/:websiteId/visitors/:visitorId", load: () => import("./pages/visitor/index.tsx") },
  { path: "/console/w/:websiteId/goals", load: () => import("./pages/goals/index.tsx") },
  { path: "/console/w/:websiteId/goals/:name", load: () => import("./pages/goals/goal.tsx") },
  { path: "/console/w/:websiteId/funnels", load: () => import("./pages/funnels/index.tsx") },
  { path: "/console/w/:websiteId/funnels/new", load: () => import("./pages/funnels/edit.tsx") },
  { path: "/console/w/:websiteId/funnels/:funnelId", load: () => import("./pages/funnels/funnel.tsx") },
  { path: "/console/w/:websiteId/funnels/:funnelId/edit", load: () => import("./pages/funnels/edit.tsx") },
  { path: "/console/w/:websiteId/settings", load: () => import("./pages/settings/index.tsx") },
  { path: "/console/w/:websiteId/settings/integrations", load: () => import("./pages/integrations/index.tsx") },
  { path: "/console/w/:websiteId/settings/integrations/:provider", load: () => import("./pages/integrations/provider.tsx") },
  { path: "/console/w/:websiteId/settings/team", load: () => import("./pages/team/index.tsx") },
  { path: "/console/w/:websiteId/settings/activity", load: () => import("./pages/activity/website.tsx") },
  { path: "/console/w/:websiteId/settings/keys", load: () => import("./pages/keys/index.tsx") },
  { path: "/console/w/:websiteId/alerts", load: () => import("./pages/alerts/index.tsx") },
  { path: "/console/w/:websiteId/alerts/new", load: () => import("./pages/alerts/edit.tsx") },
  { path: "/console/w/:websiteId/alerts/:alertId", load: () => import("./pages/alerts/alert.tsx") },
  { path: "/console/w/:websiteId/alerts/:alertId/edit", load: () => import("./pages/alerts/edit.tsx") },
  { path: "/console/w/:websiteId/webhooks", load: () => import("./pages/webhooks/index.tsx") },
  { path: "/console/w/:websiteId/webhooks/new", load: () => import("./pages/webhooks/new.tsx") },
  { path: "/console/w/:websiteId/webhooks/deliveries", load: () => import("./pages/webhooks/all.tsx") },
  { path: "/console/w/:websiteId/webhooks/:webhookId", load: () => import("./pages/webhooks/webhook.tsx") },
];

const isOpen = (pathname: string) => OPEN.some((route) => route.path === pathname);

export function App() {
  if (isOpen(path.value)) {
    return (
      <>
        <main id="main" class="alone">
          <Routes routes={OPEN} missing={Missing} />
        </main>
        <Toast />
      </>
    );
  }
  return <Inside />;
}

function Inside() {
  const error = useSignal<unknown>(undefined);
  const load = () => {
    error.value = undefined;
    loadSession().catch((problem) => {
      error.value = problem;
    });
  };
  useEffect(() => {
    if (session.value !== undefined) return;
    load();
    preload(ROUTES);
  }, []);
  useEffect(() => {
    if (session.value === null) leave();
  }, [session.value]);

  if (error.value) {
    return (
      <main id="main" class="alone">
        <Failure title="The console could not start." error={error.value} again={load} />
      </main>
    );
  }
  if (!session.value) {
    return (
      <main id="main" class="alone">
        <Loading rows={3} />
      </main>
    );
  }
  return (
    <>
      <Frame>
        <Routes routes={ROUTES} missing={Missing} />
      </Frame>
      <Help />
      <Palette />
      {(isSignedOut.value || isFreshWanted.value) && <SignInAgain />}
    </>
  );
}

// Nobody has signed in: on an empty gateway there is nobody yet.
async function leave() {
  const { isEmpty } = await loadStatus().catch(() => ({ isEmpty: false }));
  if (isEmpty) return go("/console/setup", { replace: true });
  const back = location.pathname + location.search;
  go(`/console/sign-in${back === "/console" ? "" : `?to=${encodeURIComponent(back)}`}`, { replace: true });
}
