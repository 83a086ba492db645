import type { Schemas } from "../../api.ts";
import type { Body } from "../../reports.ts";

export type Funnel = Schemas["Funnel"];
export type Result = Schemas["FunnelResult"];
export type ResultStep = Result["steps"][number];

export const resultOf = (body: Body | undefined): Result | undefined => body?.data[0] as unknown as Result | undefined;
