// Past events from a file: sent in parts, with progress, what was wrong by line, and a way on after whatever stopped it.

import { useSignal } from "@preact/signals";
import type { LineError, Place, Sum } from "../../lib/import.ts";
import { ordinary, sizeOf } from "../../lib/sizes.ts";
import { Field } from "../../parts/field.tsx";
import { forget, type Importing, importingOf, leftOver, resumeImport, startImport, stopImport } from "../../parts/importing.ts"; // biome-ignore format: one line
import { Failure } from "../../parts/states.tsx";
import { missing, type SessionWebsite } from "../../session.ts";

const NEEDS = ["settings:write", "goals:write", "payments:write", "identify:write"];

export function BringIn({ website }: { website: SessionWebsite }) {
  const reason = NEEDS.map((permission) => missing(permission, website, "member")).find((one) => one !== undefined);
  return (
    <section class="card form form-card" aria-label="Bring the past in">
      <h2>Bring the past in</h2>
      <p>
        A file of JSON lines: an export of Sluice, or what was <a href="/docs/moving">converted from another product</a>. It may
        be compressed (.gz). What is here already is not counted twice.
      </p>
      {reason ? <p class="hint">{reason}</p> : <Import websiteId={website.id} />}
    </section>
  );
}

function Import({ websiteId }: { websiteId: string }) {
  const importing = importingOf(websiteId).value;
  const isLeft = useSignal(leftOver(websiteId));
  const isRunning = importing?.state === "running" || importing?.state === "waiting";
  const drop = () => {
    forget(websiteId);
    isLeft.value = undefined;
  };
  return (
    <>
      {!importing && isLeft.value && <Left place={isLeft.value} drop={drop} />}
      {importing && <Progress websiteId={websiteId} importing={importing} />}
      {!isRunning && (
        <Field label={importing ? "Another file" : "File"}>
          {(attributes) => (
            <input
              {...attributes}
              type="file"
              accept=".ndjson,.jsonl,.json,.txt,.gz"
              onChange={(event) => {
                const [file] = event.currentTarget.files ?? [];
                if (file) startImport(websiteId, file);
              }}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Left({ place, drop }: { place: Place; drop: () => void }) {
  return (
    <p class="hint">
      The import of <bdi class="strong">{place.name}</bdi> was interrupted after {inWords(place.sum)}. Choose the same file, and
      it goes on there.{" "}
      <button type="button" class="button quiet small" onClick={drop}>
        Forget it
      </button>
    </p>
  );
}

function Progress({ websiteId, importing }: { websiteId: string; importing: Importing }) {
  const { place, read, state, error, errors } = importing;
  const isOver = state === "done";
  return (
    <div class="import-progress">
      <p role="status">
        {isOver ? "All of " : ""}
        <bdi class="strong">{place.name}</bdi>
        {isOver ? " is in: " : ": "}
        {inWords(place.sum)}
        {isOver ? "." : `; ${sizeOf(read)} of ${sizeOf(place.size)}.`}
      </p>
      {!isOver && <progress aria-label={`Import of ${place.name}`} max={Math.max(1, place.size)} value={read} />}
      {state === "waiting" && <p class="hint">{error?.message} It goes on by itself in a moment.</p>}
      {state === "failed" && error && <Failure error={error} title="The import has stopped." />}
      {errors.length > 0 && <Errors errors={errors} total={place.sum.rejected} />}
      {!isOver && (
        <div class="dialog-actions">
          {state === "running" || state === "waiting" ? (
            <button type="button" class="button" onClick={() => stopImport(websiteId)}>
              Stop
            </button>
          ) : (
            <button type="button" class="button primary" onClick={() => resumeImport(websiteId)}>
              Go on
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Errors({ errors, total }: { errors: readonly LineError[]; total: number }) {
  return (
    <>
      <div class="import-errors" role="region" aria-label="Rejected lines" tabIndex={0}>
        <table class="rows">
          <caption class="out-of-sight">Rejected lines</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {errors.map(({ line, message }) => (
              <tr key={line}>
                <td class="number">{ordinary(line)}</td>
                <td>
                  <bdi>{message}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > errors.length && (
        <p class="hint">
          These are {ordinary(errors.length)} of {ordinary(total)}.
        </p>
      )}
    </>
  );
}

function inWords({ lines, accepted, duplicates, rejected }: Sum): string {
  const parts = [`${ordinary(accepted)} new`, `${ordinary(duplicates)} here before`, `${ordinary(rejected)} rejected`];
  return `${ordinary(lines)} lines, ${parts.join(", ")}`;
}
