// What ⌘K opens: goes to a website, a page or an action by typing.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { go } from "../router.tsx";
import { session, signOut } from "../session.ts";
import { chooseTheme } from "../theme.ts";
import { Dialog } from "./dialog.tsx";
import { currentWebsite, PAGES } from "./frame.tsx";
import { PARTS } from "./settings-nav.tsx";
import { isHelpOpen } from "./shortcuts.tsx";

interface Command {
  text: string;
  kind: string;
  run: () => void;
}

function commands(): Command[] {
  const website = currentWebsite();
  const to = (href: string) => () => go(href);
  return [
    ...(website
      ? [...PAGES, ...PARTS.slice(1).map((part) => ({ name: part.name, path: `/settings${part.path}` }))].map((page) => ({
          text: page.name,
          kind: website.domain,
          run: to(`/console/w/${website.id}${page.path}`),
        }))
      : []),
    ...(session.value?.websites ?? []).map((one) => ({ text: one.domain, kind: "Website", run: to(`/console/w/${one.id}`) })),
    { text: "All websites", kind: "Page", run: to("/console") },
    { text: "Add a website", kind: "Page", run: to("/console/new") },
    { text: "Light theme", kind: "Action", run: () => chooseTheme("light") },
    { text: "Dark theme", kind: "Action", run: () => chooseTheme("dark") },
    { text: "Theme of the system", kind: "Action", run: () => chooseTheme("system") },
    {
      text: "What the keys do",
      kind: "Action",
      run: () => {
        isHelpOpen.value = true;
      },
    },
    { text: "Sign out", kind: "Action", run: () => void signOut() },
  ];
}

const MOST_SHOWN = 12;

export function Palette({ close }: { close: () => void }) {
  const text = useSignal("");
  const at = useSignal(0);
  const id = useId();
  const words = text.value.toLowerCase().split(/\s+/);
  const found = commands()
    .filter((one) => words.every((word) => `${one.text} ${one.kind}`.toLowerCase().includes(word)))
    .slice(0, MOST_SHOWN);
  const choose = (command: Command | undefined) => {
    close();
    command?.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) at.value = (at.value + step + found.length) % Math.max(found.length, 1);
    else if (event.key === "Enter") choose(found[at.value]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Go to" kind="palette" close={close}>
      <input
        type="text"
        class="palette-input"
        role="combobox"
        aria-label="A website, a page or an action"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[at.value] ? `${id}-${at.value}` : undefined}
        placeholder="Go to a website, a page, an action"
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <div class="palette-list" role="listbox" id={id} aria-label="Found">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
          <div
            key={`${command.kind} ${command.text}`}
            id={`${id}-${index}`}
            class="palette-item"
            role="option"
            tabIndex={-1}
            aria-selected={index === at.value}
            onClick={() => choose(command)}
          >
            <span class="menu-text">{command.text}</span>
            <span class="menu-hint">{command.kind}</span>
          </div>
        ))}
        {found.length === 0 && <p class="menu-note">Nothing is called “{text}”</p>}
      </div>
    </Dialog>
  );
}
