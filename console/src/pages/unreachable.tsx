// A website that the address names and the session does not reach: what the API says about it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api.ts";
import { asApiError } from "../lib/errors.ts";
import { Empty } from "../parts/states.tsx";
import { useTitle } from "../router.tsx";

export function Unreachable({ websiteId }: { websiteId: string }) {
  useTitle("No such website");
  const why = useSignal("");
  useEffect(() => {
    call("GET", `/api/v1/admin/websites/${encodeURIComponent(websiteId)}`).then(
      () => location.reload(), // it is new, and this page's list of websites is not
      (error) => {
        why.value = asApiError(error).message;
      },
    );
  }, [websiteId]);
  return (
    <>
      <h1 class="out-of-sight">No such website</h1>
      <Empty
        title="This website is not to be had"
        actions={
          <a class="button" href="/console">
            All websites
          </a>
        }
      >
        {why}
      </Empty>
    </>
  );
}
