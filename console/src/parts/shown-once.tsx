// The one moment in which a key is seen. Nobody leaves by accident before it is stored.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Snippet } from "./copy.tsx";
import { SecretBox } from "./secret-box.tsx";

interface Props {
  secret: string;
  what: "key" | "token";
  first: string; // the first request with it
  children: ComponentChildren; // the way on
}

export function ShownOnce({ secret, what, first, children }: Props) {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);
  return (
    <section class="card form form-card">
      <p>It is not shown again. Store it where your program finds it, and nowhere else.</p>
      <SecretBox secret={secret} what={what} />
      <Snippet label="the first request" code={`export SLUICE_TOKEN=…\n${first}`} />
      <div class="dialog-actions">{children}</div>
    </section>
  );
}
