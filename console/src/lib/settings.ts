// The settings of a website as a form has them, and what of them has changed.

import type { components } from "../../types/api.d.ts";
import { linesOf } from "./webhooks.ts";

export type Website = components["schemas"]["Website"];
export type Name = keyof components["schemas"]["UpdateWebsite"];
export type Kind = "text" | "choice" | "switch" | "lines" | "days";

export interface Setting {
  name: Name;
  kind: Kind;
  label: string;
  hint?: string;
  placeholder?: string;
}

export interface Section {
  id: string;
  title: string;
  settings: readonly Setting[];
}

/** What a form holds: lists are written one a line. */
export type Draft = Partial<Record<Name, string | boolean>>;

export function draftOf(website: Website, settings: readonly Setting[]): Draft {
  return Object.fromEntries(
    settings.map(({ name, kind }) => {
      const value = website[name as keyof Website] as unknown;
      if (kind === "switch") return [name, value === true];
      return [name, kind === "lines" ? (value as string[]).join("\n") : String(value ?? "")];
    }),
  );
}

/** Only what differs is sent, so that two people who change two things do not undo each other's. */
export function changesOf(draft: Draft, website: Website, settings: readonly Setting[]): Record<string, unknown> {
  const before = draftOf(website, settings);
  return Object.fromEntries(
    settings
      .filter(({ name, kind }) => normal(draft[name], kind) !== normal(before[name], kind))
      .map(({ name, kind }) => [name, sentAs(draft[name], kind)]),
  );
}

const normal = (value: string | boolean | undefined, kind: Kind) =>
  kind === "lines" ? linesOf(String(value)).join("\n") : typeof value === "string" ? value.trim() : value;

function sentAs(value: string | boolean | undefined, kind: Kind): unknown {
  if (kind === "switch") return value === true;
  const text = String(value ?? "").trim();
  if (kind === "lines") return linesOf(text);
  if (text === "") return null;
  return kind === "days" ? Number(text) : text;
}

/** The line of a text area that an item of the list stands in: empty lines are no items. */
export function lineOfItem(text: string, item: number): number {
  const filled = text.split("\n").flatMap((line, at) => (line.trim() === "" ? [] : [at + 1]));
  return filled[item] ?? item + 1;
}

/** Whether what was kept so far will be deleted. */
export const deletes = (changes: Record<string, unknown>, website: Website): boolean =>
  typeof changes.retentionDays === "number" && changes.retentionDays < (website.retentionDays ?? Number.POSITIVE_INFINITY);
