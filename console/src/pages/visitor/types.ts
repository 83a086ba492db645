import type { Schemas } from "../../api.ts";

export type Detail = Schemas["VisitorDetail"];
