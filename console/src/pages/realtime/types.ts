import type { Schemas } from "../../api.ts";

export type Present = Schemas["RealtimeMapAnswer"];
export type Visitor = Present["visitors"][number];
export type Event = Present["recentEvents"][number];
export type Payment = Present["recentPayments"][number];
