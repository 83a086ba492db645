// An application asks to be granted something (OAuth): who it is, where the answer goes, and what its owner chooses.

import { useSignal } from "@preact/signals";
import { call, type Schemas } from "../../api.ts";
import { type Permission, RESOURCES } from "../../lib/tokens.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Field } from "../../parts/field.tsx";
import { Matrix } from "../../parts/matrix.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Failure, Forbidden, Loading } from "../../parts/states.tsx";
import { useTitle } from "../../router.tsx";
import { missing, one, session } from "../../session.ts";

type Asked = Schemas["AskedByApplication"];

const PATH = "/api/v1/console/authorization";
const DAYS = [1, 7, 30, 90, 365];
const READS = new Set(RESOURCES.map(({ read }) => read));

// The address of this page is the application's question, and goes on as it is.
export default function Authorize() {
  useTitle("Allow an application");
  const reason = missing("api-keys:write");
  return (
    <>
      <h1 class="form-title">Allow an application?</h1>
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : (
        <Question />
      )}
    </>
  );
}

function Question() {
  const asked = location.search;
  const { data, error, again } = useAnswer(asked, async (signal) =>
    one(await call<{ data: Asked[] }>("GET", PATH + asked, { signal })),
  );
  if (error)
    return (
      <section class="card">
        <Failure error={error} again={again} title="This application cannot be answered." />
      </section>
    );
  if (!data) return <Loading rows={5} />;
  return data.problem ? <Wrong asked={data} problem={data.problem} /> : <Choice asked={data} />;
}

// It is told what is wrong, once somebody has seen who it is.
function Wrong({ asked, problem }: { asked: Asked; problem: string }) {
  return (
    <section class="card form form-card">
      <Who asked={asked} />
      <p class="problem" role="alert">
        It asks in a way that cannot be answered: {problem}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={() => location.assign(asked.refuseTo)}>
          Back to the application
        </button>
      </div>
    </section>
  );
}

function Who({ asked: { name, documentHost, redirectHost, isOnThisMachine } }: { asked: Asked }) {
  return (
    <>
      <p>
        <bdi class="strong">{name}</bdi> wants to use your websites. That is what it calls itself
        {documentHost ? (
          <>
            , in a document at <code>{documentHost}</code>
          </>
        ) : null}
        . What you allow goes to <code class="strong">{redirectHost}</code>.
      </p>
      {isOnThisMachine ? (
        <p class="hint">
          That is your own computer, where any program may be asking. Go on only if you have just started the application
          yourself.
        </p>
      ) : (
        <p class="hint">Go on only if you know this host, and have just started to connect it yourself.</p>
      )}
    </>
  );
}

function Choice({ asked }: { asked: Asked }) {
  const all = session.value?.websites ?? [];
  const mayHave = asked.asked.filter((permission) => asked.grantable.includes(permission));
  const permissions = useSignal<readonly Permission[]>(mayHave.filter((permission) => READS.has(permission)));
  const websites = useSignal<readonly string[]>(all.length === 1 ? all.map(({ id }) => id) : []);
  const isAll = useSignal(all.length === 0);
  const days = useSignal(30);
  const goneTo = useSignal<string | undefined>(undefined);
  const saving = useSaving(["permissions", "websiteIds", "days"]);
  const writes = mayHave.filter((permission) => !permissions.value.includes(permission));
  const isReady = permissions.value.length > 0 && (isAll.value || websites.value.length > 0);
  const leave = (to: string) => {
    goneTo.value = to;
    location.assign(to);
  };
  const save = (event: Event) => {
    event.preventDefault();
    const body = {
      permissions: permissions.value,
      websiteIds: isAll.value ? [] : websites.value,
      days: days.value,
    };
    saving.run(async () => {
      const granted = await call<{ data: Schemas["GrantedToApplication"][] }>("POST", PATH + location.search, { body });
      leave(one(granted).redirectTo);
    });
  };
  const toggle = (id: string) => {
    websites.value = websites.value.includes(id) ? websites.value.filter((other) => other !== id) : [...websites.value, id];
  };
  return (
    <form class="card form form-card" noValidate onSubmit={save}>
      <Who asked={asked} />
      <p>
        You are signed in as <bdi class="strong">{session.value?.account.email}</bdi>.
      </p>
      <fieldset class="choices">
        <legend>Websites</legend>
        {all.map(({ id, domain }) => (
          <label key={id} class="choice">
            <input
              type="checkbox"
              checked={isAll.value || websites.value.includes(id)}
              disabled={isAll.value}
              onChange={() => toggle(id)}
            />
            <span>
              <bdi>{domain}</bdi>
            </span>
          </label>
        ))}
        <label class="choice">
          <input
            type="checkbox"
            checked={isAll.value}
            onChange={(event) => {
              isAll.value = event.currentTarget.checked;
            }}
          />
          <span>
            All that I reach <span class="choice-about">Also those that I add later.</span>
          </span>
        </label>
        {saving.problems.value.websiteIds && (
          <p class="problem" role="alert">
            {saving.problems.value.websiteIds}
          </p>
        )}
      </fieldset>
      <Matrix
        mine={asked.grantable}
        permissions={permissions.value}
        put={(next) => {
          permissions.value = next;
        }}
      />
      {writes.length > 0 && (
        <p class="hint">
          It also asks for <code>{writes.join(" ")}</code>. Choose that above if it is to have it.
        </p>
      )}
      {saving.problems.value.permissions && (
        <p class="problem" role="alert">
          {saving.problems.value.permissions}
        </p>
      )}
      <Field label="Ends after" hint="Until then it renews its token by itself; you can end it among your tokens at any time.">
        {(attributes) => (
          <select
            {...attributes}
            value={String(days.value)}
            onChange={(event) => {
              days.value = Number(event.currentTarget.value);
            }}
          >
            {DAYS.map((count) => (
              <option key={count} value={String(count)}>
                {count === 1 ? "1 day" : `${count} days`}
              </option>
            ))}
          </select>
        )}
      </Field>
      {saving.error.value && <Failure error={saving.error.value} title="Nothing was allowed." />}
      {goneTo.value !== undefined && (
        <p class="hint" role="status">
          The answer is on its way to the application. If nothing opens, <a href={goneTo.value}>open it yourself</a>; this page
          can be closed then.
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" disabled={goneTo.value !== undefined} onClick={() => leave(asked.refuseTo)}>
          Refuse
        </button>
        <button
          type="submit"
          class="button primary"
          disabled={!isReady || saving.isRunning.value || goneTo.value !== undefined}
        >
          Allow
        </button>
      </div>
    </form>
  );
}
