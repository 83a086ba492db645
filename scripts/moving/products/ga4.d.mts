import type { Convert } from "./types.mjs";

export const EVENTS_UNTOLD: readonly string[];
export const REPORTS_UNTOLD: readonly string[];
export const convertEvents: Convert;
export const convertReports: Convert;
export function kindOf(header: readonly string[]): string | undefined;
