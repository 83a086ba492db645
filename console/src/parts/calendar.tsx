// Two months to choose days from: a first and a last one. Weeks begin on Monday, as the reports' weeks do.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { addDays, addMonths, asUtc, type Day, endOfMonth, startOfMonth, startOfWeek } from "../lib/days.ts";
import { dayLabel } from "../lib/labels.ts";
import { locales } from "../view.ts";
import { ChevronLeft, ChevronRight } from "./icons.tsx";

interface Props {
  from: Day;
  to: Day;
  today: Day;
  onChoose: (from: Day, to: Day) => void;
}

const monthName = new Intl.DateTimeFormat(locales as string[], { month: "long", year: "numeric", timeZone: "UTC" });
const weekdayName = new Intl.DateTimeFormat(locales as string[], { weekday: "narrow", timeZone: "UTC" });
const weekdayFull = new Intl.DateTimeFormat(locales as string[], { weekday: "long", timeZone: "UTC" });

const KEYS: Record<string, (day: Day) => Day> = {
  ArrowLeft: (day) => addDays(day, -1),
  ArrowRight: (day) => addDays(day, 1),
  ArrowUp: (day) => addDays(day, -7),
  ArrowDown: (day) => addDays(day, 7),
  PageUp: (day) => addMonths(day, -1),
  PageDown: (day) => addMonths(day, 1),
};

export function Calendar({ from, to, today, onChoose }: Props) {
  const last = useSignal(startOfMonth(to)); // the right-hand month
  const first = useSignal<Day | undefined>(undefined); // chosen, while the last one is awaited
  const near = useSignal<Day>(to); // under the pointer or the focus
  const grid = useRef<HTMLDivElement>(null);
  const moved = useRef(false);

  useEffect(() => {
    if (moved.current) grid.current?.querySelector<HTMLElement>(`[data-day="${near.value}"]`)?.focus();
    moved.current = false;
  }, [near.value, last.value]);

  const [start, end] = first.value ? ([first.value, near.value].sort() as [Day, Day]) : [from, to];
  const choose = (day: Day) => {
    if (!first.value) first.value = near.value = day;
    else {
      const [one, other] = [first.value, day].sort() as [Day, Day];
      first.value = undefined;
      onChoose(one, other);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = KEYS[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const next = move(near.value);
    if (next > today) return;
    moved.current = true;
    near.value = next;
    if (startOfMonth(next) > last.value) last.value = startOfMonth(next);
    if (startOfMonth(next) < addMonths(last.value, -1)) last.value = addMonths(startOfMonth(next), 1);
  };
  const turn = (months: number) => {
    last.value = addMonths(last.value, months);
  };

  const month = (of: Day) => {
    const weeks: Day[][] = [];
    for (let monday = startOfWeek(of); monday <= endOfMonth(of); monday = addDays(monday, 7)) {
      weeks.push(Array.from({ length: 7 }, (_, at) => addDays(monday, at)));
    }
    const one = (day: Day) => {
      if (day.slice(0, 7) !== of.slice(0, 7)) return <td key={day} />;
      const isIn = start <= day && day <= end;
      const place =
        day === start ? (day === end ? "in start end" : "in start") : day === end ? "in end" : isIn ? "in" : undefined;
      return (
        <td key={day} class={place}>
          <button
            type="button"
            data-day={day}
            disabled={day > today}
            tabIndex={day === near.value ? 0 : -1}
            aria-label={dayLabel(day, locales)}
            aria-pressed={isIn}
            aria-current={day === today ? "date" : undefined}
            onClick={() => choose(day)}
            onPointerEnter={() => {
              if (first.value) near.value = day;
            }}
            onFocus={() => {
              near.value = day;
            }}
          >
            {Number(day.slice(8))}
          </button>
        </td>
      );
    };
    return (
      <table class="month" key={of}>
        <caption>{monthName.format(asUtc(of))}</caption>
        <thead>
          <tr>
            {(weeks[0] as Day[]).map((day) => (
              <th key={day} scope="col" abbr={weekdayFull.format(asUtc(day))}>
                {weekdayName.format(asUtc(day))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week[0]}>{week.map(one)}</tr>
          ))}
        </tbody>
      </table>
    );
  };

  return (
    <div class="calendar" ref={grid} onKeyDown={onKeyDown} role="group" aria-label="Calendar; weeks begin on Monday">
      <button type="button" class="button quiet icon-only" aria-label="Earlier months" onClick={() => turn(-1)}>
        <ChevronLeft />
      </button>
      {month(addMonths(last.value, -1))}
      {month(last.value)}
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Later months"
        disabled={last.value >= startOfMonth(today)}
        onClick={() => turn(1)}
      >
        <ChevronRight />
      </button>
    </div>
  );
}
