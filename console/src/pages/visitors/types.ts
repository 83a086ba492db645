import type { Schemas } from "../../api.ts";

export type Listed = Schemas["ListedVisitor"] & {
  displayName?: string | null;
  isCustomer?: boolean;
  revenue?: number;
  visitCount?: number;
  firstSeenAt?: string;
};
