// Passkeys: making one, and signing in with one. What the browser answers is checked by the gateway (src/auth/webauthn.rs).

import { api, type Schemas, taken } from "./api.ts";
import { fromBase64url, toBase64url } from "./lib/base64url.ts";
import { ApiError } from "./lib/errors.ts";
import { canHavePasskeys } from "./lib/passkey-host.ts";
import { type Session, signIn } from "./session.ts";

export type Passkey = Schemas["Passkey"];

export const PASSKEYS = "/api/v1/console/passkeys";

export const canUsePasskeys = () => "PublicKeyCredential" in window && canHavePasskeys(location);

// Whether the browser offers passkeys in the field of the address, before anybody presses anything.
export async function offersInField(): Promise<boolean> {
  return canUsePasskeys() && !!(await PublicKeyCredential.isConditionalMediationAvailable?.());
}

const ES256 = { type: "public-key", alg: -7 } as const;

// Whoever closes the browser's own dialog has said no, which is no mistake.
export const isGivenUp = (error: unknown) =>
  error instanceof DOMException && ["NotAllowedError", "AbortError"].includes(error.name);

export async function addPasskey(name: string): Promise<Passkey> {
  const { data } = await taken(api.POST("/api/v1/console/passkeys/options"));
  const [options] = data as [Schemas["PasskeyOptions"]];
  const credential = await created({
    challenge: fromBase64url(options.challenge),
    rp: { id: options.rpId, name: "Sluice" },
    user: { id: fromBase64url(options.userId), name: options.email, displayName: options.displayName },
    pubKeyCredParams: [ES256],
    excludeCredentials: options.exclude.map((id) => ({ type: "public-key", id: fromBase64url(id) })),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    attestation: "none",
  });
  const made = credential.response as AuthenticatorAttestationResponse;
  const body = {
    id: credential.id,
    name,
    publicKey: toBase64url(made.getPublicKey() ?? new ArrayBuffer(0)),
    authenticatorData: toBase64url(made.getAuthenticatorData()),
    clientDataJSON: toBase64url(made.clientDataJSON),
  };
  const added = await taken(api.POST(PASSKEYS, { body }));
  return added.data[0] as Passkey;
}

async function created(publicKey: PublicKeyCredentialCreationOptions): Promise<PublicKeyCredential> {
  try {
    return (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  } catch (error) {
    if (!(error instanceof DOMException) || isGivenUp(error)) throw error;
    const isThere = error.name === "InvalidStateError";
    throw new ApiError(isThere ? "This device has a passkey of the account already." : error.message, { status: 0 });
  }
}

// `mediation` "conditional" waits until somebody picks a passkey in the field of the address.
export async function signInByPasskey(signal: AbortSignal, mediation?: "conditional"): Promise<Session> {
  const { data } = await taken(api.POST("/api/v1/console/session/options", { signal }));
  const [options] = data as [Schemas["SignInOptions"]];
  const credential = (await navigator.credentials.get({
    mediation,
    signal,
    publicKey: { challenge: fromBase64url(options.challenge), rpId: options.rpId, userVerification: "required" },
  })) as PublicKeyCredential;
  const { authenticatorData, clientDataJSON, signature } = credential.response as AuthenticatorAssertionResponse;
  return signIn({
    passkey: {
      id: credential.id,
      authenticatorData: toBase64url(authenticatorData),
      clientDataJSON: toBase64url(clientDataJSON),
      signature: toBase64url(signature),
    },
  });
}
