// What can be done about a visitor: look at others like them, or delete what is kept.

import { useSignal } from "@preact/signals";
import { call } from "../../api.ts";
import { type ApiError, asApiError } from "../../lib/errors.ts";
import { type FieldName, obstacle } from "../../lib/filters.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { ChevronDown } from "../../parts/icons.tsx";
import { Menu, MenuItem } from "../../parts/menu.tsx";
import { Failure } from "../../parts/states.tsx";
import { say } from "../../parts/toast.tsx";
import { go } from "../../router.tsx";
import { missing, type SessionWebsite } from "../../session.ts";
import type { Detail } from "./types.ts";

interface Props {
  website: SessionWebsite;
  visitorId: string;
  detail: Detail;
  again: () => void;
}

type Deletion = "goals" | "payments" | "visitor";

export function Actions({ website, visitorId, detail, again }: Props) {
  const asked = useSignal<Deletion | undefined>(undefined);
  const like = alike(detail);
  const goals = detail.activity.completedGoals.filter(({ origin }) => origin !== "payment_provider").length;
  const payments = detail.activity.completedGoals.length - goals;
  const may = (...permissions: string[]) => permissions.map((name) => missing(name, website, "member")).find(Boolean);
  const deletions: [Deletion, string, string | undefined][] = [
    ["goals", `Delete ${counted(goals, "goal")} …`, goals === 0 ? "none" : may("goals:write")],
    ["payments", `Delete ${counted(payments, "payment")} …`, payments === 0 ? "none" : may("payments:write")],
    ["visitor", "Erase this visitor …", may("identify:write", "goals:write", "payments:write")],
  ];
  return (
    <div class="page-actions">
      <Menu
        label={
          <>
            Others like this <ChevronDown />
          </>
        }
        align="end"
      >
        {(close) =>
          like.map(([field, label, value]) => (
            <MenuItem
              key={field}
              href={`/console/w/${website.id}?f=${encodeURIComponent(`${field}:is:${value}`)}`}
              onClick={close}
              hint={value}
            >
              {label}
            </MenuItem>
          ))
        }
      </Menu>
      <Menu
        label={
          <>
            Delete <ChevronDown />
          </>
        }
        align="end"
      >
        {(close) =>
          deletions.map(([what, text, reason]) => (
            <MenuItem
              key={what}
              disabled={reason !== undefined}
              hint={reason}
              onClick={() => {
                close();
                asked.value = what;
              }}
            >
              {text}
            </MenuItem>
          ))
        }
      </Menu>
      {asked.value && (
        <Confirm
          what={asked.value}
          count={asked.value === "goals" ? goals : payments}
          close={() => {
            asked.value = undefined;
          }}
          run={async () => {
            await remove(asked.value as Deletion, website.id, visitorId);
            if (asked.value === "visitor") go(`/console/w/${website.id}/visitors`, { replace: true });
            else again();
          }}
        />
      )}
    </div>
  );
}

const counted = (count: number, word: string) => (count === 1 ? `1 ${word}` : `${count} ${word}s`);

async function remove(what: Deletion, websiteId: string, visitorId: string): Promise<void> {
  const query = { websiteId, ...(what === "visitor" ? {} : { datafast_visitor_id: visitorId }) };
  await call("DELETE", what === "visitor" ? `/api/v1/visitors/${visitorId}` : `/api/v1/${what}`, { query });
}

const WORDS: Record<Deletion, { title: string; text: (count: number) => string; done: string }> = {
  goals: {
    title: "Delete this visitor's goals?",
    text: (count) => `${counted(count, "completed goal")} will be gone from every report. The visits stay.`,
    done: "The goals are deleted",
  },
  payments: {
    title: "Delete this visitor's payments?",
    text: (count) => `${counted(count, "payment")} and their revenue will be gone from every report. The visits stay.`,
    done: "The payments are deleted",
  },
  visitor: {
    title: "Erase this visitor?",
    text: () =>
      "Every visit, goal and payment of theirs will be gone, from every report. Should they come again, they are new.",
    done: "The visitor is erased",
  },
};

function Confirm({ what, count, close, run }: { what: Deletion; count: number; close: () => void; run: () => Promise<void> }) {
  const isRunning = useSignal(false);
  const error = useSignal<ApiError | undefined>(undefined);
  const { title, text, done } = WORDS[what];
  const confirm = async () => {
    isRunning.value = true;
    error.value = undefined;
    try {
      await run();
      say(done);
      close();
    } catch (problem) {
      error.value = asApiError(problem);
    }
    isRunning.value = false;
  };
  return (
    <Dialog title={title} close={close}>
      <p>{text(count)} This cannot be undone.</p>
      {error.value && <Failure error={error.value} />}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={isRunning.value} onClick={confirm}>
          {what === "visitor" ? "Erase" : "Delete"}
        </button>
      </div>
    </Dialog>
  );
}

// What an overview can be filtered by to see others like this visitor.
function alike({ identity }: Detail): [FieldName, string, string][] {
  const { params } = identity;
  const all: [FieldName, string, string | null][] = [
    ["country", "From the same country", identity.countryCode],
    ["city", "From the same city", identity.city],
    ["browser", "With the same browser", identity.browser.name],
    ["os", "With the same system", identity.os.name],
    ["device", "With the same kind of device", identity.device.type],
    ["utm_campaign", "From the same campaign", params.utm_campaign],
    ["utm_source", "From the same campaign source", params.utm_source],
    ["ref", "With the same ref", params.ref],
  ];
  return all.filter((one): one is [FieldName, string, string] => one[2] !== null && obstacle(one[0], one[2]) === null);
}
