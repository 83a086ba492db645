// What is around every page: the bar with the websites, the pages of one of them, who is there now, and the account.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { isOffline, limit } from "../api.ts";
import { initials } from "../lib/names.ts";
import { go, match, path } from "../router.tsx";
import { type SessionWebsite, session, signOut, websiteOf } from "../session.ts";
import { chooseTheme, THEMES, theme } from "../theme.ts";
import { Bars } from "./bars.tsx";
import { Check, ChevronDown, Mark, Plus } from "./icons.tsx";
import { Menu, MenuItem } from "./menu.tsx";
import { isHelpOpen, shortcutsAreOn, switchShortcuts, useShortcuts } from "./shortcuts.tsx";
import { Toast } from "./toast.tsx";
import { online, useOnline } from "./use-online.ts";

export const PAGES = [
  { name: "Overview", path: "" },
  { name: "Realtime", path: "/realtime" },
  { name: "Visitors", path: "/visitors" },
  { name: "Goals", path: "/goals" },
  { name: "Funnels", path: "/funnels" },
  { name: "Alerts", path: "/alerts" },
  { name: "Webhooks", path: "/webhooks" },
  { name: "Settings", path: "/settings" },
];
// A phone has room for these; the others are one step further.
const AT_HAND = 4;

// The website that the address names.
export function currentWebsite(): SessionWebsite | undefined {
  const [, , , id] = path.value.split("/");
  return match("/console/w", path.value.split("/").slice(0, 3).join("/")) && id ? websiteOf(id) : undefined;
}

const OF_WEBSITE: [keys: string, page: string, name: string][] = [
  ["g o", "", "Overview"],
  ["g r", "/realtime", "Realtime"],
  ["r", "/realtime", "Realtime"],
  ["g v", "/visitors", "Visitors"],
  ["g g", "/goals", "Goals"],
  ["g f", "/funnels", "Funnels"],
  ["g a", "/alerts", "Alerts"],
  ["g h", "/webhooks", "Webhooks"],
  ["g s", "/settings", "Settings"],
  ["g t", "/settings/team", "Team"],
  ["g k", "/settings/keys", "Keys"],
];

function useKeys(website: SessionWebsite | undefined): void {
  const to = (href: string) => () => go(href);
  useShortcuts([
    ...(website
      ? OF_WEBSITE.map(([keys, page, does]) => ({ keys, does, group: "Go to", run: to(`/console/w/${website.id}${page}`) }))
      : []),
    { keys: "g w", does: "All websites", group: "Go to", run: to("/console?all") },
    {
      keys: "?",
      does: "What the keys do",
      group: "Help",
      run: () => {
        isHelpOpen.value = true;
      },
    },
  ]);
}

export function Frame({ children }: { children: ComponentChildren }) {
  const website = currentWebsite();
  useKeys(website);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="/console?all" aria-label="Sluice, all websites">
            <Mark />
            <span class="brand-name">Sluice</span>
          </a>
          <WebsitePicker website={website} />
          {website && <Navigation website={website} place="top" />}
          <div class="top-end">
            {website && <Online website={website} />}
            <AccountMenu />
          </div>
        </div>
      </header>
      <Bars />
      <main id="main" tabIndex={-1} class={isOffline.value ? "page is-offline" : "page"}>
        {children}
      </main>
      {website && <Navigation website={website} place="bottom" />}
      <Toast />
    </>
  );
}

function Navigation({ website, place }: { website: SessionWebsite; place: "top" | "bottom" }) {
  const base = `/console/w/${website.id}`;
  const here = path.value.slice(base.length);
  const isHere = (page: string) => (page === "" ? here === "" : here === page || here.startsWith(`${page}/`));
  const [shown, others] = place === "top" ? [PAGES, []] : [PAGES.slice(0, AT_HAND), PAGES.slice(AT_HAND)];
  const other = others.find((page) => isHere(page.path));
  return (
    <nav class={`pages pages-${place}`} aria-label={place === "top" ? "Pages of the website" : "Pages"}>
      {shown.map((page) => (
        <a key={page.path} href={base + page.path} aria-current={isHere(page.path) ? "page" : undefined}>
          {page.name}
        </a>
      ))}
      {others.length > 0 && (
        <Menu
          label={other?.name ?? "More"}
          name={other ? `${other.name}, more pages` : "More pages"}
          class={other ? "is-here" : ""}
          align="end"
        >
          {(close) =>
            others.map((page) => (
              <MenuItem key={page.path} href={base + page.path} onClick={close} isCurrent={page === other}>
                {page.name}
              </MenuItem>
            ))
          }
        </Menu>
      )}
    </nav>
  );
}

function Online({ website }: { website: SessionWebsite }) {
  // The page about realtime asks by itself.
  useOnline(website, !path.value.endsWith("/realtime"));
  if (online.value?.websiteId !== website.id) return null;
  const { visitors } = online.value;
  return (
    <a class="online" href={`/console/w/${website.id}/realtime`} title="Visitors of the last ten minutes">
      <span class={visitors > 0 ? "pulse" : "pulse still"} aria-hidden="true" />
      <span class="online-count">{visitors.toLocaleString()}</span> <span class="online-word">online</span>
    </a>
  );
}

function WebsitePicker({ website }: { website: SessionWebsite | undefined }) {
  const label = (
    <>
      <span class="picker-name">{website?.domain ?? "All websites"}</span>
      <ChevronDown />
    </>
  );
  return (
    <Menu label={label} name={website ? `Website: ${website.domain}` : "All websites: choose one"} class="button quiet picker">
      {(close) => <Websites current={website} close={close} />}
    </Menu>
  );
}

function Websites({ current, close }: { current: SessionWebsite | undefined; close: () => void }) {
  const text = useSignal("");
  const wanted = text.value.trim().toLowerCase();
  const all = session.value?.websites ?? [];
  const found = all.filter(({ domain, name }) => `${domain} ${name}`.toLowerCase().includes(wanted));
  return (
    <>
      {all.length > 6 && (
        <input
          type="search"
          class="menu-search"
          aria-label="Find a website"
          placeholder="Find a website"
          value={text}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      )}
      <div class="menu-list">
        {found.slice(0, 50).map((website) => (
          <MenuItem
            key={website.id}
            href={`/console/w/${website.id}`}
            onClick={close}
            isCurrent={website.id === current?.id}
            hint={website.role === "owner" ? undefined : website.role}
          >
            {website.domain}
          </MenuItem>
        ))}
        {found.length === 0 && (
          <p class="menu-note">{all.length === 0 ? "No website yet" : `No website is called “${text}”`}</p>
        )}
      </div>
      <div class="menu-end">
        <MenuItem href="/console?all" onClick={close}>
          All websites
        </MenuItem>
        <MenuItem href="/console/new" onClick={close} hint={<Plus />}>
          Add a website
        </MenuItem>
      </div>
    </>
  );
}

function AccountMenu() {
  const { account } = session.value ?? {};
  if (!account) return null;
  const name = account.name || account.email;
  const letters = initials(name.replace(/@.*/, "").replace(/[._-]+/g, " "));
  return (
    <Menu
      label={
        <span class="avatar" aria-hidden="true">
          {letters}
        </span>
      }
      name={`${letters}, account of ${name}`}
      class="button quiet round"
      align="end"
    >
      {(close) => (
        <>
          <div class="menu-head">
            <strong>{name}</strong>
            {account.name && <span class="muted">{account.email}</span>}
          </div>
          <fieldset class="menu-theme">
            <legend>Theme</legend>
            <div class="segments">
              {THEMES.map((one) => (
                <button key={one} type="button" aria-pressed={theme.value === one} onClick={() => chooseTheme(one)}>
                  {one[0]?.toUpperCase() + one.slice(1)}
                </button>
              ))}
            </div>
          </fieldset>
          <MenuItem href="/console/account/tokens" onClick={close}>
            Account tokens
          </MenuItem>
          <MenuItem href="/console/account" onClick={close}>
            Sign-in and devices
          </MenuItem>
          <MenuItem href="/console/account/activity" onClick={close}>
            Activity
          </MenuItem>
          <MenuItem onClick={switchShortcuts} hint={shortcutsAreOn.value ? <Check /> : "off"}>
            Keyboard shortcuts
          </MenuItem>
          <MenuItem
            onClick={() => {
              close();
              isHelpOpen.value = true;
            }}
            hint={<kbd>?</kbd>}
          >
            What the keys do
          </MenuItem>
          <div class="menu-end">
            <MenuItem
              onClick={async () => {
                close();
                await signOut();
              }}
            >
              Sign out
            </MenuItem>
          </div>
          {limit.value && (
            <p class="menu-note">
              {limit.value.remaining.toLocaleString()} of {limit.value.limit.toLocaleString()} requests left this minute
            </p>
          )}
        </>
      )}
    </Menu>
  );
}
