// Past events from a file: sent in parts, with progress, what was wrong by line, and a way on after whatever stopped it. Exports of other
// products are converted on the way.

import { useSignal } from "@preact/signals";
import type { Place, Sum } from "../../lib/import.ts";
import { ordinary, sizeOf } from "../../lib/sizes.ts";
import { Field } from "../../parts/field.tsx";
import { choose, chosenOf, forget, type Importing, importingOf, leftOver, resumeImport, stopImport } from "../../parts/importing.ts"; // biome-ignore format: one line
import { Failure } from "../../parts/states.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import { Converting } from "./converting.tsx";
import { LineErrors } from "./line-errors.tsx";
import { Outcome } from "./outcome.tsx";

const NEEDS = ["settings:write", "goals:write", "payments:write", "identify:write"];

export function BringIn({ website }: { website: SessionWebsite }) {
  const reason = NEEDS.map((permission) => missing(permission, website, "member")).find((one) => one !== undefined);
  return (
    <section class="card form form-card" aria-label="Bring the past in">
      <h2>Bring the past in</h2>
      <p>
        JSON lines, as an export of Sluice has them, or an export of Plausible, Umami or Google Analytics 4, which is converted
        here in the browser (<a href="/docs/moving">what they tell</a>). It may be compressed (.gz). What is here already is not
        counted twice.
      </p>
      {reason ? <p class="hint">{reason}</p> : <Import website={website} />}
    </section>
  );
}

function Import({ website }: { website: SessionWebsite }) {
  const websiteId = website.id;
  const importing = importingOf(websiteId).value;
  const chosen = chosenOf(websiteId).value;
  const isOver = useSignal(false); // something is held over it, to be dropped
  const isLeft = useSignal(leftOver(websiteId));
  const isRunning = importing?.state === "running" || importing?.state === "waiting";
  const drop = () => {
    forget(websiteId);
    isLeft.value = undefined;
  };
  const take = (files: FileList | null | undefined) => choose(websiteId, [...(files ?? [])]);
  return (
    <>
      {!importing && !chosen && isLeft.value && <Left place={isLeft.value} drop={drop} />}
      {importing && <Progress websiteId={websiteId} importing={importing} />}
      {chosen && <Converting key={chosen.files} website={website} chosen={chosen} />}
      {!isRunning && (
        <div
          class={isOver.value ? "drop is-over" : "drop"}
          role="group"
          aria-label="Choose a file"
          onDragOver={(event) => {
            event.preventDefault();
            isOver.value = true;
          }}
          onDragLeave={() => {
            isOver.value = false;
          }}
          onDrop={(event) => {
            event.preventDefault();
            isOver.value = false;
            take(event.dataTransfer?.files);
          }}
        >
          <Field
            label={importing || chosen ? "Another file" : "File"}
            hint="Or drop it here. Where an export has several files, choose them all."
          >
            {(attributes) => (
              <input
                {...attributes}
                type="file"
                multiple
                accept=".ndjson,.jsonl,.json,.txt,.csv,.zip,.gz"
                onChange={(event) => take(event.currentTarget.files)}
              />
            )}
          </Field>
        </div>
      )}
    </>
  );
}

function Left({ place, drop }: { place: Place; drop: () => void }) {
  return (
    <p class="hint">
      The import of <bdi class="strong">{place.name}</bdi> was interrupted after {inWords(place.sum)}. Choose the same{" "}
      {place.how ? "again, with the same options" : "file"}, and it goes on there.{" "}
      <button type="button" class="button quiet small" onClick={drop}>
        Forget it
      </button>
    </p>
  );
}

function Progress({ websiteId, importing }: { websiteId: string; importing: Importing }) {
  const { place, read, state, error, errors, report } = importing;
  if (state === "unknown") return <Failure error={error} title="This cannot be imported." />;
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
      {errors.length > 0 && <LineErrors label="Rejected lines" errors={errors} total={place.sum.rejected} />}
      {report && <Outcome report={report} isOver={isOver} />}
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

function inWords({ lines, accepted, duplicates, rejected }: Sum): string {
  const parts = [`${ordinary(accepted)} new`, `${ordinary(duplicates)} here before`, `${ordinary(rejected)} rejected`];
  return `${ordinary(lines)} lines, ${parts.join(", ")}`;
}
