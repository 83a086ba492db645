// For Node, which has it (package.json, imports).

import { createHash } from "node:crypto";

export const sha256 = (text) => new Uint8Array(createHash("sha256").update(text).digest());
