// What the account has done.

import { browserZone } from "../../lib/zones.ts";
import { Forbidden } from "../../parts/states.tsx";
import { useTitle } from "../../router.tsx";
import { missing } from "../../session.ts";
import { ActivityList, SHOWN } from "./list.tsx";

export default function Activity() {
  useTitle("Activity");
  const reason = SHOWN.map((permission) => missing(permission)).find((reason) => reason !== undefined);
  return (
    <>
      <header class="page-head">
        <h1>Activity</h1>
      </header>
      {reason ? (
        <section class="card">
          <Forbidden reason={reason} />
        </section>
      ) : (
        <ActivityList path="/api/v1/admin/audit" zone={browserZone()} isOfWebsite={false} />
      )}
    </>
  );
}
