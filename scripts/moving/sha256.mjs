// For browsers, which only have one that must be awaited (package.json, imports).

import { sha256 as digest } from "@noble/hashes/sha2.js";

export const sha256 = (text) => digest(new TextEncoder().encode(text));
