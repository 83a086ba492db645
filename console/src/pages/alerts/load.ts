import { api, taken } from "../../api.ts";
import type { Alert } from "../../lib/alerts.ts";
import { type Answer, useAnswer } from "../../parts/answer.ts";
import type { SessionWebsite } from "../../session.ts";

export const alertsPath = ({ id }: SessionWebsite) => `/api/v1/admin/websites/${id}/alerts`;

export function useAlerts(website: SessionWebsite, every?: number): Answer<Alert[]> {
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return (await taken(api.GET("/api/v1/admin/websites/{websiteId}/alerts", { params, signal }))).data;
  };
  return useAnswer(website.id, load, { every });
}
