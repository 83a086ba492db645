// What came of a funnel: who took which step, and where the others were lost.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { type ApiError, asApiError } from "../../lib/errors.ts";
import { describeFilter } from "../../lib/filters.ts";
import { change } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { ChangeMark, Figure } from "../../parts/figures.tsx";
import { ChevronLeft, Pencil, Trash } from "../../parts/icons.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { TakeAway } from "../../parts/take-away.tsx";
import { say } from "../../parts/toast.tsx";
import { Toolbar } from "../../parts/toolbar.tsx";
import { useOnlineOf } from "../../parts/use-online.ts";
import { WebsitePage } from "../../parts/website-page.tsx";
import { useReports } from "../../reports.ts";
import { go, useTitle } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { locales, parametersOfView, useView, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";
import { Steps } from "./steps.tsx";
import { type Result, resultOf } from "./types.ts";

interface Props {
  websiteId: string;
  funnelId: string;
}

export default function FunnelPage({ websiteId, funnelId }: Props) {
  return (
    <WebsitePage websiteId={websiteId} title="Funnel" permission="analytics:read">
      {(website) => <FunnelResult key={funnelId} website={website} funnelId={funnelId} />}
    </WebsitePage>
  );
}

function FunnelResult({ website, funnelId }: { website: SessionWebsite; funnelId: string }) {
  const view = useView(website);
  const name = `funnel.${funnelId}`;
  const reports = useReports(view, [name, "realtime"]);
  useOnlineOf(website, reports);
  const part = reports.part(name);
  const [result, before] = [resultOf(part.body), resultOf(part.compare)];
  const list = `/console/w/${website.id}/funnels`;
  useTitle(result?.name ?? "Funnel", website.domain);

  if (part.error?.status === 404 || part.error?.status === 400) {
    return (
      <>
        <Back href={list} />
        <h1>Funnel</h1>
        <section class="card">
          <Empty
            title="This funnel is gone."
            actions={
              <a class="button" href={list}>
                All funnels
              </a>
            }
          >
            {part.error.message}
          </Empty>
        </section>
      </>
    );
  }
  return (
    <>
      <Back href={list + location.search} />
      <header class="page-head">
        <h1>
          <bdi>{result?.name ?? "Funnel"}</bdi>
        </h1>
        <Actions website={website} funnelId={funnelId} name={result?.name} />
      </header>
      <Toolbar view={view} />
      <section class={part.isOld ? "card funnel-result is-old" : "card funnel-result"} aria-busy={part.isLoading}>
        {part.error && !result && (
          <Failure error={part.error} again={() => reports.again(name)} title="The funnel could not be worked out." />
        )}
        {!result && !part.error && <Loading rows={8} />}
        {result && (
          <>
            <Summary view={view} result={result} before={before} />
            {result.totalVisitors === 0 ? (
              <Empty title={`Nobody took the first step, ${rangeWords(view)}.`} />
            ) : (
              <Steps view={view} result={result} before={before} />
            )}
            <TableOf view={view} result={result} before={before} />
          </>
        )}
      </section>
    </>
  );
}

function Back({ href }: { href: string }) {
  return (
    <a class="back" href={href}>
      <ChevronLeft /> Funnels
    </a>
  );
}

function Summary({ view, result, before }: { view: View; result: Result; before: Result | undefined }) {
  const { currency } = view.website;
  const all = [
    ["Conversion", result.conversionRate, before?.conversionRate, "rate"],
    ["Entered", result.totalVisitors, before?.totalVisitors, "count"],
    ["Completed", result.completedVisitors, before?.completedVisitors, "count"],
    ["Revenue from them", result.revenue, before?.revenue, "money"],
  ] as const;
  return (
    <dl class="goal-numbers">
      {all.map(([name, now, then, kind]) => (
        <div key={name} class="goal-number">
          <dt>{name}</dt>
          <dd>
            <span class="goal-value">
              <Figure written={write(Number(now), kind, currency)} />
            </span>
            {then !== undefined && <ChangeMark change={change(Number(now), Number(then), kind, locales)} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

const HEADER = ["step", "type", "visitors", "conversion_rate", "step_conversion_rate", "drop_off", "drop_off_rate", "revenue"];

function TableOf({ view, result, before }: { view: View; result: Result; before: Result | undefined }) {
  const { website } = view;
  const { currency } = website;
  const rows = result.steps.map((step) => [
    step.name,
    step.type,
    step.visitors,
    step.conversionRate,
    step.stepConversionRate,
    step.dropOff,
    step.dropOffRate,
    Number(step.revenue),
  ]);
  const parameters = parametersOfView(view).filter(([name]) => !name.startsWith("compare"));
  return (
    <>
      <header class="card-head">
        <h2 id="steps-title">Steps</h2>
        <div class="card-actions">
          <TakeAway
            name={[website.domain, result.name, rangeWords(view), ...view.state.filters.map(describeFilter)]}
            header={HEADER}
            rows={rows}
            call={{ path: `/api/v1/analytics/funnels/${result.funnelId}`, query: [["websiteId", website.id], ...parameters] }}
          />
        </div>
      </header>
      <section class="table-scroll" tabIndex={0} aria-labelledby="steps-title">
        <table class="rows">
          <caption class="out-of-sight">
            Steps of <bdi>{result.name}</bdi>, {rangeWords(view)}
          </caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              {["Visitors", ...(before ? ["Before"] : []), "Of the first", "Of the step before", "Lost", "Revenue"].map(
                (name) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {result.steps.map((step, at) => (
              <tr key={step.id}>
                <th scope="row">
                  <span class="muted">{at + 1}</span> <bdi>{step.name}</bdi>
                </th>
                <td class="number">
                  <Figure written={write(step.visitors, "count", currency)} />
                </td>
                {before && (
                  <td class="number">
                    <Figure written={write(before.steps[at]?.visitors ?? 0, "count", currency)} />
                  </td>
                )}
                <td class="number">{write(step.conversionRate, "rate", currency).text}</td>
                <td class="number">{at === 0 ? "–" : write(step.stepConversionRate, "rate", currency).text}</td>
                <td class="number">{at === 0 ? "–" : <Figure written={write(step.dropOff, "count", currency)} />}</td>
                <td class="number">
                  <Figure written={write(Number(step.revenue), "money", currency)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Actions({ website, funnelId, name }: { website: SessionWebsite; funnelId: string; name: string | undefined }) {
  const isAsked = useSignal(false);
  const reason = missing("funnels:write", website, "member");
  return (
    <div class="page-actions">
      {reason ? (
        <button type="button" class="button" disabled title={reason}>
          <Pencil /> Edit
        </button>
      ) : (
        <a class="button" href={`/console/w/${website.id}/funnels/${funnelId}/edit`}>
          <Pencil /> Edit
        </a>
      )}
      <button
        type="button"
        class="button"
        disabled={reason !== undefined}
        title={reason}
        onClick={() => {
          isAsked.value = true;
        }}
      >
        <Trash /> Delete
      </button>
      {isAsked.value && (
        <Delete
          website={website}
          funnelId={funnelId}
          name={name ?? "this funnel"}
          close={() => {
            isAsked.value = false;
          }}
        />
      )}
    </div>
  );
}

interface DeleteProps {
  website: SessionWebsite;
  funnelId: string;
  name: string;
  close: () => void;
}

function Delete({ website, funnelId, name, close }: DeleteProps) {
  const error = useSignal<ApiError | undefined>(undefined);
  const isRunning = useSignal(false);
  const run = async () => {
    isRunning.value = true;
    try {
      await call("DELETE", `/api/v1/admin/websites/${website.id}/funnels/${funnelId}`);
      say("The funnel is deleted");
      go(`/console/w/${website.id}/funnels`, { replace: true });
    } catch (refused) {
      error.value = asApiError(refused);
      isRunning.value = false;
    }
  };
  return (
    <Dialog title={`Delete “${name}”?`} close={close}>
      <p>
        It is gone from the list, and no visit or goal is lost: its figures come from those. The API can switch it on again.
      </p>
      {error.value && <Failure error={error.value} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={isRunning.value} onClick={run}>
          Delete
        </button>
      </div>
    </Dialog>
  );
}
