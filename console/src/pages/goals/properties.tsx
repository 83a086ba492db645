// What was recorded with a goal: the names of its properties, and the values of one of them. Which one is open is in the address.

import { share } from "../../lib/numbers.ts";
import { write } from "../../metrics.ts";
import { Figure } from "../../parts/figures.tsx";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { inPart, type Part, type Reports } from "../../reports.ts";
import { query, setQuery } from "../../router.tsx";
import { locales, type View } from "../../view.ts";
import { rangeWords } from "../../words.ts";

const MOST_NAMES = 50;
const MOST_VALUES = 50;
const ALL = "";

interface Row {
  property?: string;
  value?: string;
  completions: number;
  visitors: number;
}

const namesPart = (name: string) => `goal-properties.${inPart(name)}:${MOST_NAMES}`;
const valuesPart = (name: string, property: string) => `goal-properties.${inPart(name)}/${inPart(property)}:${MOST_VALUES}`;

// The parts that the address asks for.
export function propertyParts(name: string): string[] {
  const property = query.value.get("tab");
  return property ? [namesPart(name), valuesPart(name, property)] : [namesPart(name)];
}

const rowsOf = ({ body }: Part): Row[] => (body?.data ?? []) as unknown as Row[];

export function Properties({ view, name, reports }: { view: View; name: string; reports: Reports }) {
  const part = reports.part(namesPart(name));
  const { body, error, isOld } = part;
  const names = rowsOf(part).map(({ property }) => property ?? "");
  const wanted = query.value.get("tab");
  const open = wanted && (names.includes(wanted) || !body) ? wanted : ALL;
  const show = (id: string) => setQuery({ tab: id === ALL ? undefined : id });
  return (
    <section class={isOld ? "card goal-properties is-old" : "card goal-properties"} aria-label="Properties">
      {error && !body && (
        <Failure error={error} again={() => reports.again(namesPart(name))} title="The properties could not be loaded." />
      )}
      {!body && !error && <Loading rows={4} />}
      {body && names.length === 0 && (
        <Empty title="No properties were recorded.">
          Send up to ten with the goal, such as the plan that was chosen, and they are compared here.
        </Empty>
      )}
      {names.length > 0 && (
        <Tabs
          label="Properties"
          tabs={[{ id: ALL, title: "All properties" }, ...names.map((id) => ({ id, title: id }))]}
          open={open}
          onOpen={show}
          onNear={(id) => id !== ALL && reports.fetch([valuesPart(name, id)])}
        >
          {open === ALL ? (
            <Rows view={view} part={part} caption="Completions by property" head="Property" show={show} />
          ) : (
            <Values key={open} view={view} name={name} property={open} reports={reports} />
          )}
        </Tabs>
      )}
    </section>
  );
}

function Values({ view, name, property, reports }: { view: View; name: string; property: string; reports: Reports }) {
  const at = valuesPart(name, property);
  const part = reports.part(at);
  const { body, error } = part;
  if (error && !body) return <Failure error={error} again={() => reports.again(at)} />;
  if (!body) return <Loading rows={5} />;
  if (body.data.length === 0) return <Empty title={`“${property}” was not recorded, ${rangeWords(view)}.`} />;
  return <Rows view={view} part={part} caption={`Completions by ${property}`} head={property} />;
}

interface RowsProps {
  view: View;
  part: Part;
  caption: string;
  head: string;
  show?: (name: string) => void; // what a click on a row opens
}

function Rows({ view, part, caption, head, show }: RowsProps) {
  const rows = rowsOf(part);
  const total = rows.reduce((sum, { completions }) => sum + completions, 0);
  const most = Math.max(1, ...rows.map(({ completions }) => completions));
  const { currency } = view.website;
  const of = part.body?.pagination?.total ?? rows.length;
  return (
    <>
      <section class="table-scroll" tabIndex={0} aria-label={caption}>
        <table class="rows">
          <caption class="out-of-sight">
            <bdi>{caption}</bdi>
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <bdi>{head}</bdi>
              </th>
              <th scope="col" class="number">
                Completions
              </th>
              {!show && (
                <th scope="col" class="number">
                  Share
                </th>
              )}
              <th scope="col" class="number">
                Visitors
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ property, value, completions, visitors }) => (
              <tr key={property ?? value}>
                <th scope="row" class="goal-cell">
                  <span class="goal-bar" style={{ width: `${(100 * completions) / most}%` }} />
                  <span class="goal-value-name">
                    {show ? (
                      <button type="button" class="link" onClick={() => show(property ?? "")}>
                        <bdi>{property}</bdi>
                      </button>
                    ) : (
                      <bdi>{value}</bdi>
                    )}
                  </span>
                </th>
                <td class="number">
                  <Figure written={write(completions, "count", currency)} />
                </td>
                {!show && <td class="number">{share(completions, total, locales)}</td>}
                <td class="number">
                  <Figure written={write(visitors, "count", currency)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {of > rows.length && (
        <p class="hint goal-rest">
          The first {rows.length} of {of.toLocaleString(locales as string[])}.
        </p>
      )}
    </>
  );
}
