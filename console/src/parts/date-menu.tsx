// ‹ [ 1–28 Nov 2026 ] ›, and what is compared with.

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { daysOf, PERIOD_NAMES, type Period, stepped } from "../lib/dates.ts";
import { addDays, type Day, parseDay } from "../lib/days.ts";
import { browserZone, dayAt, timeAt } from "../lib/zones.ts";
import { showView, type View } from "../view.ts";
import { comparedWords, rangeWords } from "../words.ts";
import { Field } from "./field.tsx";
import { Calendar as CalendarIcon, Check, ChevronDown, ChevronLeft, ChevronRight } from "./icons.tsx";
import { lazy } from "./lazy.tsx";
import { Menu, MenuItem } from "./menu.tsx";
import { useShortcuts } from "./shortcuts.tsx";

const Calendar = lazy(() => import("./calendar.tsx").then((module) => module.Calendar), <div class="calendar-wait" />);

// The letters are Plausible's, and H is ours.
const LETTERS: [Period, string][] = [
  ["today", "d"],
  ["yesterday", "e"],
  ["24h", "h"],
  ["7d", "w"],
  ["28d", "f"],
  ["30d", "t"],
  ["91d", "n"],
  ["mtd", "m"],
  ["lastmonth", "p"],
  ["ytd", "y"],
  ["12mo", "l"],
  ["all", "a"],
];

export function DateMenu({ view }: { view: View }) {
  const handle = useRef<{ open?: () => void }>({}).current;
  const { state, here } = view;
  const before = stepped(state, here, -1);
  const after = stepped(state, here, 1);
  const choose = (period: Period) => showView(view, { period, from: undefined, to: undefined, by: undefined });
  const step = (chosen: typeof before) => chosen && showView(view, { from: undefined, to: undefined, ...chosen });

  useShortcuts([
    ...LETTERS.map(([period, keys]) => ({ keys, does: PERIOD_NAMES[period], group: "Dates", run: () => choose(period) })),
    { keys: "c", does: "Custom dates", group: "Dates", run: () => handle.open?.() },
    { keys: "x", does: "Compare, or not", group: "Dates", run: () => toggleComparison(view) },
    { keys: "ArrowLeft", does: "The period before", group: "Dates", run: () => step(before) },
    { keys: "ArrowRight", does: "The period after", group: "Dates", run: () => step(after) },
  ]);

  const label = (
    <>
      <CalendarIcon />
      <span class="date-label">{rangeWords(view)}</span>
      <ChevronDown />
    </>
  );
  return (
    <div class="date-menu">
      <button
        type="button"
        class="button icon-only step"
        aria-label="The period before"
        disabled={!before}
        onClick={() => step(before)}
      >
        <ChevronLeft />
      </button>
      <Menu label={label} name={`Dates: ${rangeWords(view)}`} handle={handle}>
        {(close) => (
          <div class="date-panel">
            <div class="date-presets">
              {LETTERS.map(([period, letter]) => (
                <MenuItem
                  key={period}
                  isCurrent={state.period === period}
                  hint={<kbd>{letter.toUpperCase()}</kbd>}
                  onClick={() => {
                    close();
                    choose(period);
                  }}
                >
                  {PERIOD_NAMES[period]}
                </MenuItem>
              ))}
            </div>
            <Custom view={view} close={close} />
          </div>
        )}
      </Menu>
      <button
        type="button"
        class="button icon-only step"
        aria-label="The period after"
        disabled={!after}
        onClick={() => step(after)}
      >
        <ChevronRight />
      </button>
      <Zone view={view} />
    </div>
  );
}

// Days are the website's; where the browser's clock shows another time, the page says which.
function Zone({ view: { here } }: { view: View }) {
  if (browserZone() === here.zone || timeAt(here.now, browserZone()) === timeAt(here.now, here.zone)) return null;
  return (
    <span class="zone" title="All days and hours are the website's">
      {here.zone.replaceAll("_", " ")}, now {timeAt(here.now, here.zone)}
    </span>
  );
}

function Custom({ view, close }: { view: View; close: () => void }) {
  const { here, range, state } = view;
  const today = dayAt(here.now, here.zone);
  const [first, last] =
    range.kind === "days" ? [range.from, range.to] : [dayAt(range.start, here.zone), dayAt(range.end, here.zone)];
  return (
    <DaysForm
      from={first}
      to={last}
      today={today}
      onChoose={(from, to) => {
        close();
        showView(view, { period: "custom", from, to, by: daysOf(range, here.zone) === 1 ? undefined : state.by });
      }}
    />
  );
}

function DaysForm({ from, to, today, onChoose }: { from: Day; to: Day; today: Day; onChoose: (from: Day, to: Day) => void }) {
  const first = useSignal<string>(from);
  const last = useSignal<string>(to);
  const problem = useSignal<string | undefined>(undefined);
  const submit = (event: Event) => {
    event.preventDefault();
    const [one, other] = [parseDay(first.value), parseDay(last.value)];
    if (!one || !other) problem.value = "Both are days such as 2026-01-31.";
    else if (one > other) problem.value = "The first day lies after the last.";
    else if (one > today) problem.value = "These days are still to come.";
    else onChoose(one, other);
  };
  const input = (value: typeof first, name: string) => (
    <Field label={name}>
      {(field) => (
        <input
          {...field}
          type="date"
          max={today}
          value={value}
          onInput={(event) => {
            value.value = event.currentTarget.value;
          }}
        />
      )}
    </Field>
  );
  return (
    <form class="date-custom" onSubmit={submit} noValidate>
      <Calendar from={from} to={to} today={today} onChoose={onChoose} />
      <div class="date-typed">
        {input(first, "From")}
        {input(last, "To")}
        <button type="submit" class="button">
          Show
        </button>
      </div>
      {problem.value && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

function toggleComparison(view: View): void {
  showView(view, { compare: view.state.compare === "off" ? "previous" : "off", cfrom: undefined, cto: undefined });
}

export function CompareMenu({ view }: { view: View }) {
  const { state, here, compared } = view;
  if (state.period === "all") return null;
  const words = comparedWords(view);
  const choose = (close: () => void, compare: "previous" | "year" | "off") => () => {
    close();
    showView(view, { compare, cfrom: undefined, cto: undefined });
  };
  const today = dayAt(here.now, here.zone);
  const [from, to] =
    compared?.kind === "days"
      ? [compared.from, compared.to]
      : compared
        ? [dayAt(compared.start, here.zone), dayAt(compared.end, here.zone)]
        : [addDays(today, -56), addDays(today, -29)];
  const check = (is: boolean) => is && <Check />;
  return (
    <Menu
      label={
        <>
          <span class="muted">vs</span> <span class="date-label">{words ?? "nothing"}</span>
          <ChevronDown />
        </>
      }
      name={`vs ${words ?? "nothing"}: what is compared with`}
      class="button quiet"
    >
      {(close) => (
        <div class="compare-panel">
          <MenuItem onClick={choose(close, "previous")} hint={check(state.compare === "previous")}>
            The period before
          </MenuItem>
          <MenuItem onClick={choose(close, "year")} hint={check(state.compare === "year")}>
            The same days last year
          </MenuItem>
          <MenuItem onClick={choose(close, "off")} hint={check(state.compare === "off") || <kbd>X</kbd>}>
            Nothing
          </MenuItem>
          <label class="menu-item">
            Match the days of the week
            <input
              type="checkbox"
              checked={state.match === "weekday"}
              onChange={(event) => showView(view, { match: event.currentTarget.checked ? "weekday" : "date" })}
            />
          </label>
          <details class="compare-custom">
            <summary class="menu-item">Other days …</summary>
            <DaysForm
              from={from}
              to={to}
              today={today}
              onChoose={(cfrom, cto) => {
                close();
                showView(view, { compare: "custom", cfrom, cto });
              }}
            />
          </details>
          {view.isRunning && <p class="menu-note">Up to the same moment, {timeAt(here.now, here.zone)}.</p>}
        </div>
      )}
    </Menu>
  );
}
