// The two lists of a website's webhooks.

import { path } from "../../router.tsx";

export function WebhooksNav({ websiteId }: { websiteId: string }) {
  const base = `/console/w/${websiteId}/webhooks`;
  const lists = [
    { name: "Endpoints", path: base },
    { name: "Deliveries", path: `${base}/deliveries` },
  ];
  return (
    <nav class="tabs settings-nav" aria-label="Webhooks">
      {lists.map((list) => (
        <a key={list.path} href={list.path} aria-current={list.path === path.value ? "page" : undefined}>
          {list.name}
        </a>
      ))}
    </nav>
  );
}
