// The three ways to complete a goal, ready to copy.

import { Snippet } from "../../parts/copy.tsx";

export function HowToTrack() {
  return (
    <div class="how-to">
      <div>
        <h3>In HTML</h3>
        <Snippet label="the attribute" code={`<button data-fast-goal="signup" data-fast-goal-plan="pro">Sign up</button>`} />
      </div>
      <div>
        <h3>In JavaScript</h3>
        <Snippet label="the call" code={`window?.datafast("signup", { plan: "pro" });`} />
      </div>
      <div>
        <h3>From a backend</h3>
        <Snippet
          label="the request"
          code={`curl --request POST ${location.origin}/api/v1/goals \\
  --header "Authorization: Bearer $SLUICE_TOKEN" \\
  --json '{"datafast_visitor_id": "…", "name": "signup"}'`}
        />
      </div>
    </div>
  );
}
