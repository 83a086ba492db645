// Another role for a member, and what it takes from whoever becomes a viewer.

import { useSignal } from "@preact/signals";
import { call, type Schemas } from "../../api.ts";
import { type GivenRole, ROLES } from "../../lib/team.ts";
import { FormDialog, useSaving } from "../../parts/saving.tsx";
import { say } from "../../parts/toast.tsx";
import type { SessionWebsite } from "../../session.ts";
import { TheirThings } from "./departure.tsx";
import type { Member } from "./index.tsx";

type Changed = Schemas["ChangedMember"];

interface Props {
  website: SessionWebsite;
  member: Member;
  path: string;
  changed: () => void;
  close: () => void;
}

export function ChangeRole({ website, member, path, changed, close }: Props) {
  const saving = useSaving();
  const role = useSignal(member.role as GivenRole);
  const takesKeys = useSignal(true);
  const name = member.name ?? member.email;
  const becomesViewer = role.value === "viewer" && member.role !== "viewer";
  const save = () => {
    let answer: { data: Changed[] } | undefined;
    const body = { role: role.value, ...(becomesViewer && { revokeKeys: takesKeys.value }) };
    saving.run(
      async () => {
        answer = await call("PUT", `${path}/${member.userId}`, { body });
      },
      undefined,
      () => {
        const gone = answer?.data[0]?.revokedKeys.length ?? 0;
        const keys = gone === 0 ? "" : gone === 1 ? ", and a key is deleted" : `, and ${gone} keys are deleted`;
        say(`${name} is a ${role.value} now${keys}`);
        changed();
      },
    );
  };
  return (
    <FormDialog
      title={`The role of ${name}`}
      saving={saving}
      save={save}
      submit="Change the role"
      isDangerous={becomesViewer}
      isOff={role.value === member.role}
      close={close}
    >
      <p>
        It holds from their next request to <bdi class="strong">{website.domain}</bdi> on, with every token and session of
        theirs.
      </p>
      <RoleChoice role={role.value} choose={(next) => (role.value = next)} />
      {becomesViewer && (
        <>
          <label class="choice">
            <input
              type="checkbox"
              checked={takesKeys}
              onChange={(event) => {
                takesKeys.value = event.currentTarget.checked;
              }}
            />
            <span>
              Delete the keys that they made or renewed
              <span class="choice-about choice-below">
                {takesKeys.value
                  ? "A key changes things whatever its maker may."
                  : "Whoever knows the values of these keys goes on changing things with them."}
              </span>
            </span>
          </label>
          <TheirThings website={website} account={member.userId} areKeysOnly />
        </>
      )}
    </FormDialog>
  );
}

export function RoleChoice({ role, choose }: { role: GivenRole; choose: (role: GivenRole) => void }) {
  return (
    <fieldset class="choices">
      <legend>As</legend>
      {ROLES.filter(({ id }) => id !== "owner").map(({ id, about }) => (
        <label key={id} class="choice">
          <input type="radio" name="role" checked={role === id} onChange={() => choose(id as GivenRole)} />
          <span>
            {id} <span class="choice-about choice-below">{about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
