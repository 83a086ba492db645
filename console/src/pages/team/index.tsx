// The team of a website: who is on it and may do what, who is invited, and what goes with somebody who leaves.

import { useSignal } from "@preact/signals";
import { api, type Schemas, taken } from "../../api.ts";
import { dayLabel } from "../../lib/labels.ts";
import { ROLES } from "../../lib/team.ts";
import { dayAt } from "../../lib/zones.ts";
import { useAnswer } from "../../parts/answer.ts";
import { Plus } from "../../parts/icons.tsx";
import { SettingsNav } from "../../parts/settings-nav.tsx";
import { Failure, Loading } from "../../parts/states.tsx";
import { WebsitePage } from "../../parts/website-page.tsx";
import { missing, type SessionWebsite, session } from "../../session.ts";
import { locales } from "../../view.ts";
import { Gone, Leave, Left, Remove, type Removed } from "./departure.tsx";
import { type Created, InvitationLink, Invite } from "./invite.tsx";
import { ChangeRole } from "./role.tsx";
import { Ownership, Transfer } from "./transfer.tsx";
import { Cancel, type Invitation, Invitations, Resend } from "./waiting.tsx";

export type Member = Schemas["TeamMember"];

export default function Team({ websiteId }: { websiteId: string }) {
  return (
    <WebsitePage websiteId={websiteId} title="Team" permission="team:read" Nav={SettingsNav}>
      {(website) => <OfWebsite key={website.id} website={website} />}
    </WebsitePage>
  );
}

type Asked =
  | { what: "invite" | "transfer" }
  | { what: "remove" | "leave" | "role"; member: Member }
  | { what: "resend" | "cancel"; invitation: Invitation }
  | { what: "gone"; member: Member; removed: Removed }
  | { what: "left"; removed: Removed };

function OfWebsite({ website }: { website: SessionWebsite }) {
  const path = `/api/v1/admin/websites/${website.id}/team`;
  const load = async (signal: AbortSignal) => {
    const params = { path: { websiteId: website.id } };
    return await taken(api.GET("/api/v1/admin/websites/{websiteId}/team", { params, signal }));
  };
  const { data: team, error, again } = useAnswer(website.id, load);
  const asked = useSignal<Asked | undefined>(undefined);
  const created = useSignal<Created | undefined>(undefined);
  const ask = (next: Asked | undefined) => {
    asked.value = next;
  };
  const close = () => ask(undefined);
  const done = () => {
    close();
    again();
  };
  const invited = (invitation: Created) => {
    created.value = invitation;
    done();
  };
  const owners = missing("team:write", website, "owner");
  const own = missing("team:write", website);
  return (
    <>
      <header class="page-head">
        <h1>Team</h1>
        <div class="page-actions">
          <button
            type="button"
            class="button primary"
            disabled={owners !== undefined}
            title={owners}
            onClick={() => ask({ what: "invite" })}
          >
            <Plus /> Invite somebody
          </button>
        </div>
      </header>
      <SettingsNav websiteId={website.id} />
      {created.value && (
        <InvitationLink
          website={website}
          invitation={created.value}
          done={() => {
            created.value = undefined;
          }}
        />
      )}
      {error && !team && (
        <section class="card">
          <Failure error={error} again={again} title="The team could not be loaded." />
        </section>
      )}
      {!team && !error && <Loading rows={5} />}
      {team && (
        <>
          <section class="card table-scroll" tabIndex={0} aria-label="Members">
            <table class="rows">
              <caption class="out-of-sight">The team of {website.domain}</caption>
              <thead>
                <tr>
                  <th scope="col">Person</th>
                  <th scope="col">Role</th>
                  <th scope="col" class="wide-only">
                    Since
                  </th>
                  <th scope="col">
                    <span class="out-of-sight">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {team.data.map((member) => (
                  <Row key={member.userId} website={website} member={member} {...{ ask, owners, own }} />
                ))}
              </tbody>
            </table>
          </section>
          {team.invitations && team.invitations.length > 0 && (
            <Invitations
              website={website}
              invitations={team.invitations}
              owners={owners}
              ask={(what, invitation) => ask({ what, invitation })}
            />
          )}
          <Roles mine={website.role} />
          <Ownership website={website} others={team.data.length - 1} give={() => ask({ what: "transfer" })} />
        </>
      )}
      {asked.value?.what === "invite" && <Invite path={path} invited={invited} close={close} />}
      {asked.value?.what === "resend" && (
        <Resend invitation={asked.value.invitation} path={path} sent={invited} close={close} />
      )}
      {asked.value?.what === "cancel" && (
        <Cancel invitation={asked.value.invitation} path={path} cancelled={done} close={close} />
      )}
      {asked.value?.what === "role" && (
        <ChangeRole website={website} member={asked.value.member} path={path} changed={done} close={close} />
      )}
      {asked.value?.what === "remove" && (
        <Remove
          website={website}
          member={asked.value.member}
          path={path}
          removed={(member, removed) => {
            again();
            ask({ what: "gone", member, removed });
          }}
          close={close}
        />
      )}
      {asked.value?.what === "leave" && (
        <Leave
          website={website}
          member={asked.value.member}
          path={path}
          left={(removed) => ask({ what: "left", removed })}
          close={close}
        />
      )}
      {asked.value?.what === "transfer" && team && (
        <Transfer
          website={website}
          members={team.data.filter(({ role }) => role !== "owner")}
          path={path}
          done={done}
          close={close}
        />
      )}
      {asked.value?.what === "gone" && <Gone {...asked.value} close={close} />}
      {asked.value?.what === "left" && <Left website={website} removed={asked.value.removed} />}
    </>
  );
}

interface RowProps {
  website: SessionWebsite;
  member: Member;
  ask: (next: Asked) => void;
  owners: string | undefined; // why nobody can be removed, and no role changed
  own: string | undefined; // why one cannot leave
}

function Row({ website, member, ask, owners, own }: RowProps) {
  const { userId, name, email, role, joinedAt } = member;
  const isMe = userId === session.value?.account.id;
  const [word, what, reason] = isMe ? (["Leave", "leave", own] as const) : (["Remove", "remove", owners] as const);
  return (
    <tr>
      <th scope="row">
        <span class="person">
          <bdi class="strong">{name ?? email}</bdi> {isMe && <span class="tag">you</span>}
          {name && <bdi class="person-mail">{email}</bdi>}
        </span>
      </th>
      <td class="cell-word">{role}</td>
      <td class="wide-only">{dayLabel(dayAt(Date.parse(joinedAt), website.timezone), locales)}</td>
      <td>
        {role !== "owner" && (
          <div class="row-actions">
            <button
              type="button"
              class="button small"
              disabled={owners !== undefined}
              title={owners}
              aria-label={`Change the role of ${isMe ? "yourself" : (name ?? email)}`}
              onClick={() => ask({ what: "role", member })}
            >
              Role …
            </button>
            <button
              type="button"
              class="button small"
              disabled={reason !== undefined}
              title={reason}
              aria-label={isMe ? "Leave the team" : `Remove ${name ?? email}`}
              onClick={() => ask({ what, member })}
            >
              {word} …
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}

function Roles({ mine }: { mine: Member["role"] }) {
  return (
    <section class="card form form-card" aria-label="Roles">
      <h2>What each role may do</h2>
      <dl class="about roles">
        {ROLES.map(({ id, about }) => (
          <div key={id}>
            <dt>
              {id}
              {id === mine && <span class="tag">yours</span>}
            </dt>
            <dd>{about}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">The owner changes the others' roles, from their next request on.</p>
    </section>
  );
}
