import type { Convert } from "./types.mjs";

export const UNTOLD: readonly string[];
export const convert: Convert;
export function kindOf(path: string): string | undefined;
