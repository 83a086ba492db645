// What the conversion of an export says: rows that are no events, what was left out, goals that have another name here.

import type { Report } from "../../lib/exports.ts";
import { ordinary } from "../../lib/sizes.ts";
import { Untold } from "./converting.tsx";
import { LineErrors } from "./line-errors.tsx";

export function Outcome({ report, isOver }: { report: Report; isOver: boolean }) {
  const { counts, refused, refusals, left, renamed, untold } = report;
  return (
    <>
      {refused > 0 && (
        <>
          <p>{ordinary(refused)} rows of the export are no events, and were left out:</p>
          <LineErrors
            label="Rows that are no events"
            errors={refusals.map(({ file, line, why }) => ({ file, line, message: why }))}
            total={refused}
          />
        </>
      )}
      {isOver && (
        <ul class="outcome">
          <li>
            Made of it: {counts.map(([type, count]) => `${ordinary(count)} ${NAMES[type] ?? type}`).join(", ") || "nothing"}.
          </li>
          {left.map(([what, count]) => (
            <li key={what}>
              Left out: {ordinary(count)} <bdi>{what}</bdi>.
            </li>
          ))}
          {renamed.map(([from, to]) => (
            <li key={from}>
              The goal “<bdi>{from}</bdi>” is called <code>{to}</code> here.
            </li>
          ))}
        </ul>
      )}
      {isOver && <Untold texts={untold} />}
    </>
  );
}

const NAMES: Record<string, string> = {
  pageview: "pageviews",
  custom: "goals",
  identify: "identities",
  external_link: "outbound clicks",
  payment: "payments",
};
