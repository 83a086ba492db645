// The first account of an empty gateway. Whoever has the set-up secret is its operator.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../../api.ts";
import { asApiError, fieldOf } from "../../lib/errors.ts";
import { Snippet } from "../../parts/copy.tsx";
import { Field } from "../../parts/field.tsx";
import { Mark } from "../../parts/icons.tsx";
import { go, useTitle } from "../../router.tsx";
import { loadStatus, one, signIn } from "../../session.ts";

interface NewAccount {
  email: string;
  tokenId: string;
  key: string;
}

export default function Setup() {
  useTitle("Set up");
  const account = useSignal<NewAccount | undefined>(undefined);
  const isSetUp = useSignal(false);
  useEffect(() => {
    loadStatus().then(
      ({ isEmpty }) => {
        isSetUp.value = !isEmpty && !account.value;
      },
      () => undefined,
    );
  }, []);
  return (
    <div class="sign-in">
      <p class="sign-in-mark">
        <Mark />
        Sluice
      </p>
      <div class="card sign-in-card">
        {account.value ? (
          <FirstToken account={account.value} />
        ) : isSetUp.value ? (
          <>
            <h1>This gateway is set up</h1>
            <a class="button primary" href="/console/sign-in">
              Sign in
            </a>
          </>
        ) : (
          <First
            done={(made) => {
              account.value = made;
            }}
          />
        )}
      </div>
    </div>
  );
}

function First({ done }: { done: (account: NewAccount) => void }) {
  const secret = useSignal("");
  const email = useSignal("");
  const name = useSignal("");
  const problem = useSignal<{ field?: string; text: string } | undefined>(undefined);
  const isBusy = useSignal(false);
  const problemOf = (field: string) => (problem.value?.field === field ? problem.value.text : undefined);

  const submit = async (event: Event) => {
    event.preventDefault();
    problem.value = undefined;
    isBusy.value = true;
    const headers = { authorization: `Bearer ${secret.value.trim()}` };
    try {
      const body = { email: email.value.trim(), name: name.value.trim() || undefined };
      const account = one(await call<{ data: NewAccount[] }>("POST", "/api/v1/setup", { body, headers }));
      // By ticket, so that the session does not end with the token.
      const ticket = one(
        await call<{ data: { url: string }[] }>("POST", "/api/v1/console/tickets", { body: { email: account.email }, headers }),
      );
      await signIn({ ticket: new URLSearchParams(new URL(ticket.url).hash.slice(1)).get("ticket") ?? "" });
      done(account);
    } catch (error) {
      const { message, status } = asApiError(error);
      problem.value = status === 401 ? { field: "secret", text: message } : (fieldOf(message) ?? { text: message });
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="form" onSubmit={submit} noValidate>
      <h1>Set up this gateway</h1>
      {problem.value && !["secret", "email", "name"].includes(problem.value.field ?? "") && (
        <p class="problem" role="alert">
          {problem.value.text}
        </p>
      )}
      <Field
        label="Set-up secret"
        hint={
          <>
            The value of <code>SETUP_SECRET</code>, which <code>make deploy</code> made.
          </>
        }
        problem={problemOf("secret")}
      >
        {(field) => (
          <input
            {...field}
            type="password"
            autocomplete="off"
            required
            value={secret}
            onInput={(event) => {
              secret.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field label="Your e-mail" problem={problemOf("email")}>
        {(field) => (
          <input
            {...field}
            type="email"
            autocomplete="email"
            required
            value={email}
            onInput={(event) => {
              email.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <Field label="Your name" hint="May be left empty." problem={problemOf("name")}>
        {(field) => (
          <input
            {...field}
            type="text"
            autocomplete="name"
            value={name}
            onInput={(event) => {
              name.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      <button type="submit" class="button primary" disabled={isBusy.value}>
        Make the account
      </button>
    </form>
  );
}

function FirstToken({ account }: { account: NewAccount }) {
  const problem = useSignal<string | undefined>(undefined);
  const next = () => go("/console/new", { replace: true });
  const discard = async () => {
    try {
      await call("DELETE", `/api/v1/admin/access-tokens/${account.tokenId}`);
      next();
    } catch (error) {
      problem.value = asApiError(error).message;
    }
  };
  return (
    <div class="form">
      <h1>You are signed in</h1>
      <p>This account token opens the API with every permission. It is shown now and never again.</p>
      <Snippet code={account.key} label="the account token" />
      {problem.value && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="button" class="button primary" onClick={next}>
        I have stored it
      </button>
      <button type="button" class="button" onClick={discard}>
        I do not need it: delete it
      </button>
    </div>
  );
}
