// The secret that signs: shown on demand after a fresh sign-in, hidden again by itself, and replaced without losing a delivery.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { momentLabel } from "../../lib/labels.ts";
import { Snippet } from "../../parts/copy.tsx";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { SecretBox } from "../../parts/secret-box.tsx";
import { Failure } from "../../parts/states.tsx";
import type { SessionWebsite } from "../../session.ts";
import { locales } from "../../view.ts";

const DOTS = "whsec_••••••••••••••••••••••••••••••••••••••••••••";

interface Props {
  website: SessionWebsite;
  path: string; // of the webhook
  reason: string | undefined;
}

export function Secret({ website, path, reason }: Props) {
  const secret = useSignal<string | undefined>(undefined);
  const until = useSignal<string | undefined>(undefined); // the previous one signs too
  const isAsked = useSignal(false);
  const showing = useSaving();
  const rotating = useSaving();
  const show = () =>
    showing.run(async () => {
      const { data } = await call<{ data: { secret: string }[] }>("GET", `${path}/secret`);
      secret.value = data[0]?.secret;
    });
  const rotate = () =>
    rotating.run(
      async () => {
        const { data } = await call<{ data: { secret: string; previousSecretExpiresAt: string }[] }>(
          "POST",
          `${path}/secret/rotate`,
          {
            headers: { "idempotency-key": rotating.key.current },
          },
        );
        secret.value = data[0]?.secret;
        until.value = data[0]?.previousSecretExpiresAt;
      },
      "A new secret signs",
      () => {
        isAsked.value = false;
      },
    );
  return (
    <section class="card form form-card">
      <h2>Signing secret</h2>
      {secret.value ? (
        <SecretBox
          secret={secret.value}
          hide={() => {
            secret.value = undefined;
          }}
        />
      ) : (
        <div class="secret">
          <code aria-hidden="true">{DOTS}</code>
          <span class="out-of-sight">The secret is hidden.</span>
          <button
            type="button"
            class="button small"
            disabled={reason !== undefined || showing.isRunning.value}
            title={reason}
            onClick={show}
          >
            Show
          </button>
        </div>
      )}
      <p class="hint">
        {secret.value
          ? "It is hidden after a minute, and when you leave this window."
          : "It is shown after a sign-in of the last 15 minutes."}
      </p>
      {until.value && (
        <p class="notice" role="status">
          Both secrets sign until {momentLabel(Date.parse(until.value), website.timezone, locales)}. Give your server the new
          one by then.
        </p>
      )}
      {showing.error.value && <Failure error={showing.error.value} title="The secret is not shown." />}
      <h2>Verify what arrives</h2>
      <Verification />
      <div class="dialog-actions">
        <button
          type="button"
          class="button"
          disabled={reason !== undefined}
          title={reason}
          onClick={() => {
            isAsked.value = true;
          }}
        >
          New secret …
        </button>
      </div>
      {isAsked.value && (
        <FormDialog
          title="Make a new secret?"
          saving={rotating}
          save={rotate}
          submit="Make a new secret"
          close={() => {
            isAsked.value = false;
          }}
        >
          <p>
            It signs at once. The present secret goes on signing for 24 hours, so that your server can change over and lose
            nothing.
          </p>
        </FormDialog>
      )}
    </section>
  );
}

const LANGUAGES = {
  JavaScript: `import { Webhook } from "standardwebhooks"; // npm install standardwebhooks

const event = new Webhook(process.env.WEBHOOK_SECRET).verify(rawBody, headers);`,
  Python: `from standardwebhooks import Webhook  # pip install standardwebhooks

event = Webhook(os.environ["WEBHOOK_SECRET"]).verify(raw_body, headers)`,
  Rust: `// cargo add standardwebhooks
let webhook = standardwebhooks::Webhook::new(&secret)?;
webhook.verify(raw_body, &headers)?;`,
};
type Language = keyof typeof LANGUAGES;

// With the libraries of Standard Webhooks, over the body exactly as it arrived.
export function Verification() {
  const chosen = useSignal<Language>("JavaScript");
  return (
    <div class="form">
      <fieldset class="segments">
        <legend class="out-of-sight">Language</legend>
        {(Object.keys(LANGUAGES) as Language[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={chosen.value === name}
            onClick={() => {
              chosen.value = name;
            }}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Snippet label={`the ${chosen.value} code`} code={LANGUAGES[chosen.value]} />
    </div>
  );
}
