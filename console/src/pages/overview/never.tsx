// A website without figures in the range: has it ever had an event?

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { call } from "../../api.ts";
import { momentLabel } from "../../lib/labels.ts";
import type { InstallationReport } from "../../parts/installation.tsx";
import { Installation } from "../../parts/installation.tsx";
import { one, type SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

export function NeverAnEvent({ website, children }: { website: SessionWebsite; children: ComponentChildren }) {
  const report = useSignal<InstallationReport | undefined>(undefined);
  useEffect(() => {
    const path = `/api/v1/console/websites/${website.id}/installation`;
    call<{ data: InstallationReport }>("GET", path).then(
      (answer) => {
        report.value = one(answer);
      },
      () => undefined,
    );
  }, [website.id]);
  if (report.value && report.value.firstEventAt === null) return <Installation website={website} known={report.value} />;
  const last = report.value?.lastEventAt;
  return (
    <>
      {children}
      {last && <p class="hint latest">The latest event was on {momentLabel(Date.parse(last), website.timezone, locales)}.</p>}
    </>
  );
}
