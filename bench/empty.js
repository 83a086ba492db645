// The floor of a refusal: a Worker that answers a constant 401 and touches nothing.

import { DurableObject } from "cloudflare:workers";

const BODY = '{"error":{"code":401,"message":"the token must start with \\"dft_\\" or \\"df_\\""}}';
const HEADERS = { "content-type": "application/json" };

// It has the gateway's bindings, and with them a class to name.
export class Gate extends DurableObject {}

export default {
  fetch: () => new Response(BODY, { status: 401, headers: HEADERS }),
};
