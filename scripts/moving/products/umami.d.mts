import type { Convert } from "./types.mjs";

export const UNTOLD: readonly string[];
export const convert: Convert;
export function misfit(name: string, header: readonly string[]): string | undefined;
