// A text of a guide, with what is code and what a page of the provider calls something.

import { parts } from "../../lib/providers.ts";

export function Words({ text }: { text: string }) {
  return (
    <>
      {parts(text).map((part, at) =>
        part.kind === "code" ? (
          <code key={at}>{part.text}</code>
        ) : part.kind === "name" ? (
          <strong key={at}>{part.text}</strong>
        ) : (
          part.text
        ),
      )}
    </>
  );
}
