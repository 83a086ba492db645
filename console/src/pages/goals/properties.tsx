// What was recorded with a goal: the names of its properties, and the values of one of them.

import { api, taken } from "../../api.ts";
import { parametersOf } from "../../lib/dates.ts";
import { share } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Figure } from "../../parts/figures.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { query, setQuery } from "../../router.tsx";
import { locales, type View } from "../../view.ts";

const MOST_VALUES = 50;

export function Properties({ view, name }: { view: View; name: string }) {
  const shared = { websiteId: view.website.id, eventName: name, ...parametersOf(view.range, view.here.zone) };
  const load = async (signal: AbortSignal) =>
    (await taken(api.GET("/api/v1/analytics/goals/properties", { params: { query: shared }, signal }))).data;
  const { data, error, again } = useAnswer(JSON.stringify(shared), load);
  const names = data?.map(({ property }) => property).filter((one): one is string => typeof one === "string") ?? [];
  const open = names.find((one) => one === query.value.get("tab")) ?? names[0];
  return (
    <section class="card goal-properties" aria-label="Properties">
      {error && !data && <Failure error={error} again={again} title="The properties could not be loaded." />}
      {!data && !error && <Loading rows={4} />}
      {data && names.length === 0 && (
        <Empty title="No properties were recorded.">
          Send up to ten with the goal, such as the plan that was chosen, and they are compared here.
        </Empty>
      )}
      {open !== undefined && (
        <Tabs
          label="Properties"
          tabs={names.map((id) => ({ id, title: id }))}
          open={open}
          onOpen={(id) => setQuery({ tab: id === names[0] ? undefined : id })}
        >
          <Values key={open} view={view} shared={shared} property={open} />
        </Tabs>
      )}
    </section>
  );
}

interface ValuesProps {
  view: View;
  shared: { websiteId: string; eventName: string; startAt: string; endAt: string; timezone: string };
  property: string;
}

function Values({ view, shared, property }: ValuesProps) {
  const asked = { ...shared, propertyName: property, limit: MOST_VALUES };
  const load = async (signal: AbortSignal) =>
    taken(api.GET("/api/v1/analytics/goals/properties", { params: { query: asked }, signal }));
  const { data, error, again } = useAnswer(JSON.stringify(asked), load);
  if (error && !data) return <Failure error={error} again={again} />;
  if (!data) return <Loading rows={5} />;
  const total = data.data.reduce((sum, { completions }) => sum + completions, 0);
  const most = Math.max(1, ...data.data.map(({ completions }) => completions));
  const { currency } = view.website;
  return (
    <>
      <section class="table-scroll" tabIndex={0} aria-label={`Completions by ${property}`}>
        <table class="rows">
          <caption class="out-of-sight">
            Completions by <bdi>{property}</bdi>
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <bdi>{property}</bdi>
              </th>
              <th scope="col" class="number">
                Completions
              </th>
              <th scope="col" class="number">
                Share
              </th>
              <th scope="col" class="number">
                Visitors
              </th>
            </tr>
          </thead>
          <tbody>
            {data.data.map(({ value, completions, visitors }) => (
              <tr key={value}>
                <th scope="row" class="goal-cell">
                  <span class="goal-bar" style={{ width: `${(100 * completions) / most}%` }} />
                  <span class="goal-value-name">
                    <bdi>{value}</bdi>
                  </span>
                </th>
                <td class="number">
                  <Figure written={write(completions, "count", currency)} />
                </td>
                <td class="number">{share(completions, total, locales)}</td>
                <td class="number">
                  <Figure written={write(visitors, "count", currency)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {data.pagination.total > data.data.length && (
        <p class="hint goal-rest">
          The first {data.data.length} of {data.pagination.total.toLocaleString(locales as string[])} values.
        </p>
      )}
    </>
  );
}
