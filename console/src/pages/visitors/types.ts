import type { Schemas } from "../../api.ts";

export type Listed = Schemas["ListedVisitor"];
