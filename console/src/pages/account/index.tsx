// How one signs in: passkeys, and the devices that are signed in, each of which can be signed out.

import { call } from "../../api.ts";
import { asApiError } from "../../lib/errors.ts";
import { agoLabel, momentLabel } from "../../lib/labels.ts";
import { browserZone } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Flag } from "../../parts/flag.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
import { useTitle } from "../../router.tsx";
import { session, signOut } from "../../session.ts";
import { locales } from "../../view.ts";
import { deviceOf } from "./device.ts";
import { Passkeys } from "./passkeys.tsx";

interface Device {
  id: string;
  method: string;
  userAgent: string;
  country: string | null;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
  isCurrent: boolean;
}

const PATH = "/api/v1/console/sessions";
const METHODS: Record<string, string> = {
  ticket: "link of the operator",
  token: "account token",
  invitation: "invitation",
  email: "mailed code",
  passkey: "passkey",
  access: "Cloudflare Access",
};

export default function Account() {
  useTitle("Sign-in");
  const { data, error, again } = useAnswer("sessions", (signal) => call<{ data: Device[] }>("GET", PATH, { signal }));
  const account = session.value?.account;

  const end = async (path: string, query?: Record<string, boolean>) => {
    try {
      await call("DELETE", path, { query });
      say("Signed out");
    } catch (problem) {
      say(asApiError(problem).message);
    }
    again();
  };

  return (
    <div class="narrow account-page">
      <div>
        <h1>Sign-in</h1>
        <p class="muted">{account?.email}</p>
      </div>
      <Passkeys />
      <h2>Signed-in devices</h2>
      {error && !data && <Failure error={error} again={again} />}
      {!error && !data && <Loading rows={4} />}
      {data && (
        <ul class="card devices">
          {data.data.map((device) => (
            <li key={device.id}>
              <Flag code={device.country ?? undefined} />
              <div class="device-text">
                <strong title={device.userAgent}>{deviceOf(device.userAgent)}</strong>
                <span class="muted">
                  {device.isCurrent
                    ? "this one"
                    : `seen ${agoLabel(Date.parse(device.lastSeenAt), Date.now(), browserZone(), locales)}`}
                  {" · "}by {METHODS[device.method] ?? device.method}
                  {" · "}until {momentLabel(Date.parse(device.expiresAt), browserZone(), locales)}
                </span>
              </div>
              {device.isCurrent ? (
                <button type="button" class="button small" onClick={() => signOut()}>
                  Sign out
                </button>
              ) : (
                <button
                  type="button"
                  class="button small"
                  aria-label={`Sign out ${deviceOf(device.userAgent)}`}
                  onClick={() => end(`${PATH}/${device.id}`)}
                >
                  Sign out
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {data && data.data.length > 1 && (
        <button type="button" class="button danger" onClick={() => end(PATH, { others: true })}>
          Sign out all others
        </button>
      )}
    </div>
  );
}
