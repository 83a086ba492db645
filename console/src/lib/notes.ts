// Notes on a chart: the bucket that each stands at, and its day and time on the website's clocks.

import type { Day } from "./days.ts";
import { clockAt, dayAt, momentOf, startOfDay, timeAt } from "./zones.ts";

/** The notes of one bucket, under one number. */
export interface Flag<Note = { text: string }> {
  at: number;
  number: number;
  notes: Note[];
}

/** Numbered by time. `starts` are those of the buckets. */
export function flagsOf<Note extends { timestamp: string }>(notes: readonly Note[], starts: readonly number[]): Flag<Note>[] {
  const byBucket = new Map<number, Note[]>();
  const moment = ({ timestamp }: Note) => Date.parse(timestamp);
  for (const note of notes.toSorted((one, other) => moment(one) - moment(other))) {
    const at = starts.findLastIndex((start) => start <= moment(note));
    if (at >= 0) byBucket.set(at, [...(byBucket.get(at) ?? []), note]);
  }
  return [...byBucket].map(([at, notes], index) => ({ at, number: index + 1, notes }));
}

/** Where a flag is drawn, and for which ones. */
export interface Stand {
  x: number;
  label: string;
  at: readonly number[];
}

/** Flags that would cover each other stand together: `3+` is the third and those right after it. */
export function standsOf(flags: readonly Flag<unknown>[], x: (index: number) => number, width: number): Stand[] {
  const stands: { x: number; label: string; at: number[] }[] = [];
  for (const { at, number } of flags) {
    const last = stands.at(-1);
    if (last && x(at) - last.x < width) {
      last.at.push(at);
      if (last.at.length === 2) last.label += "+";
    } else {
      stands.push({ x: x(at), label: String(number), at: [at] });
    }
  }
  return stands;
}

/** The moment as two inputs have it; a note about a whole day has no time. */
export function fieldsOf(timestamp: string, zone: string): { day: Day; time: string } {
  const moment = Date.parse(timestamp);
  const day = dayAt(moment, zone);
  return { day, time: moment === startOfDay(day, zone) ? "" : timeAt(moment, zone) };
}

/** What the API takes: the day, or the moment at which the website's clocks show this time. */
export function timestampOf(day: Day, time: string, zone: string): string {
  const [hour, minute] = time.split(":").map(Number);
  if (hour === undefined || minute === undefined) return day;
  return new Date(momentOf({ day, hour, minute, second: 0 }, zone)).toISOString();
}

/** Whether the clocks ever show this time on that day. */
export function isShown(day: Day, time: string, zone: string): boolean {
  if (time === "") return true;
  const clock = clockAt(Date.parse(timestampOf(day, time, zone)), zone);
  const [hour, minute] = time.split(":").map(Number);
  return clock.day === day && clock.hour === hour && clock.minute === minute;
}
