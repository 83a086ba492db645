// A page of one website: its title, and why it cannot be shown where it cannot.

import type { ComponentChildren, ComponentType } from "preact";
import { Unreachable } from "../pages/unreachable.tsx";
import { useTitle } from "../router.tsx";
import { missing, type SessionWebsite, websiteOf } from "../session.ts";
import { Forbidden } from "./states.tsx";

interface Props {
  websiteId: string;
  title: string;
  permission: string; // to see anything of it
  Nav?: ComponentType<{ websiteId: string }>; // to its neighbours, which may be open where it is not
  children: (website: SessionWebsite) => ComponentChildren;
}

export function WebsitePage(props: Props) {
  const website = websiteOf(props.websiteId);
  return website ? <Page {...props} website={website} /> : <Unreachable websiteId={props.websiteId} />;
}

function Page({ website, title, permission, Nav, children }: Props & { website: SessionWebsite }) {
  useTitle(title, website.domain);
  const reason = missing(permission, website);
  if (!reason) return <>{children(website)}</>;
  return (
    <>
      {Nav ? (
        <>
          <header class="page-head">
            <h1>{title}</h1>
          </header>
          <Nav websiteId={website.id} />
        </>
      ) : (
        <h1>{title}</h1>
      )}
      <section class="card">
        <Forbidden reason={reason} />
      </section>
    </>
  );
}
