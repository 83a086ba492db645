// The provider's webhook where the gateway could not make it: the address to copy there, and the secret to give here.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { type Entry, GUIDES, type Provider } from "../../lib/providers.ts";
import { CopyButton, Snippet } from "../../parts/copy.tsx";
import { Check } from "../../parts/icons.tsx";
import { useSaving } from "../../parts/saving.tsx";
import { Failure } from "../../parts/states.tsx";
import { Typed } from "./connect.tsx";
import { Words } from "./words.tsx";

interface Props {
  name: Provider;
  entry: Entry;
  path: string;
  done: () => void;
}

export function ByHand({ name, entry, path, done }: Props) {
  const { title, byHand } = GUIDES[name];
  const secret = useSignal("");
  const saving = useSaving(["secret"]);
  const isReachable = entry.webhookUrl?.startsWith("https://");
  const save = (event: Event) => {
    event.preventDefault();
    if (secret.value.trim() === "") {
      saving.problems.value = { secret: "This is needed." };
      return;
    }
    saving.run(
      () => call("PUT", `${path}/webhook`, { body: { secret: secret.value.trim() } }),
      "The secret is stored",
      () => {
        secret.value = "";
        done();
      },
    );
  };
  return (
    <>
      {!isReachable && (
        <p class="notice">
          <span>
            {title} cannot reach this address from outside. Set <code>PUBLIC_URL</code> to the gateway's <code>https</code>{" "}
            address, and it makes the webhook by itself.
          </span>
        </p>
      )}
      <ol class="steps">
        {byHand.steps.map((step) => (
          <li key={step}>
            <p>
              <Words text={step} />
            </p>
          </li>
        ))}
        <li>
          <p>The address:</p>
          <Snippet label="the address" code={entry.webhookUrl ?? ""} />
        </li>
        <li>
          <p>
            The events: <CopyButton text={byHand.events.join("\n")} label="Copy the events" />
          </p>
          <p class="event-names">
            {byHand.events.map((event) => (
              <code key={event}>{event}</code>
            ))}
          </p>
        </li>
        <li>
          <p>
            The secret. <Words text={byHand.secret} />
          </p>
          <form class="form" noValidate onSubmit={save}>
            <Typed
              input={{ name: "secret", label: "Secret of the webhook", isSecret: true }}
              value={secret.value}
              problem={saving.problems.value.secret}
              put={(value) => {
                secret.value = value;
              }}
            />
            {saving.error.value && <Failure error={saving.error.value} title="It was not stored." />}
            <div class="form-end">
              {entry.webhookSecretKnown && (
                <span class="state-mark is-delivered">
                  <Check /> A secret is stored. If you give another, the first is accepted for one more day.
                </span>
              )}
              <button type="submit" class="button primary" disabled={saving.isRunning.value}>
                Store the secret
              </button>
            </div>
          </form>
        </li>
      </ol>
    </>
  );
}
