import { useEffect } from "preact/hooks";
import { CopyButton } from "./copy.tsx";

const SHOWN_MS = 60_000;

// A secret in sight. It goes when nobody looks any more.
export function SecretBox({ secret, hide, what = "secret" }: { secret: string; hide?: () => void; what?: string }) {
  useEffect(() => {
    if (!hide) return;
    const timer = setTimeout(hide, SHOWN_MS);
    const onHidden = () => document.hidden && hide();
    document.addEventListener("visibilitychange", onHidden);
    addEventListener("blur", hide);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onHidden);
      removeEventListener("blur", hide);
    };
  }, [secret]);
  return (
    <div class="secret">
      <code>{secret}</code>
      <CopyButton text={secret} label={`Copy the ${what}`}>
        Copy
      </CopyButton>
    </div>
  );
}
