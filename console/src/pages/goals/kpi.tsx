// The goal that matters most on a website: one of them, or none.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { asApiError } from "../../lib/errors.ts";
import { Star } from "../../parts/icons.tsx";
import { say } from "../../parts/toast.tsx";
import { missing, type SessionWebsite } from "../../session.ts";

interface Props {
  website: SessionWebsite;
  goal: string;
  isKpi: boolean;
  changed: () => void;
}

async function choose(website: SessionWebsite, kpi: string | null, changed: () => void): Promise<void> {
  try {
    await call("PUT", `/api/v1/admin/websites/${website.id}`, { body: { kpi } });
    say(kpi ? `${kpi} is the KPI now` : "There is no KPI now");
    changed();
  } catch (error) {
    say(asApiError(error).message);
  }
}

export function KpiStar({ website, goal, isKpi, changed }: Props) {
  const isRunning = useSignal(false);
  const reason = missing("settings:write", website, "member");
  return (
    <button
      type="button"
      class={isKpi ? "button quiet icon-only kpi is-on" : "button quiet icon-only kpi"}
      aria-pressed={isKpi}
      aria-label={`${goal} is the KPI`}
      title={reason ?? (isKpi ? "The KPI" : "Make this the KPI")}
      disabled={reason !== undefined || isRunning.value}
      onClick={async () => {
        isRunning.value = true;
        await choose(website, isKpi ? null : goal, changed);
        isRunning.value = false;
      }}
    >
      <Star />
    </button>
  );
}
