// The ways to put the script on a website.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Snippet } from "./copy.tsx";
import { Tabs } from "./tabs.tsx";

interface Props {
  domain: string;
  trackingId: string;
}

interface Way {
  id: string;
  title: string;
  text: ComponentChildren;
  code: string;
}

const ways = ({ domain, trackingId }: Props): Way[] => {
  const tag = (file: string, more = "") =>
    `<script defer data-website-id="${trackingId}" data-domain="${domain}"${more} src="${location.origin}/js/${file}"></script>`;
  return [
    {
      id: "script",
      title: "Script",
      text: (
        <>
          Into the <code>{"<head>"}</code> of every page.
        </>
      ),
      code: tag("script.js"),
    },
    {
      id: "cookieless",
      title: "Without cookies",
      text: "No cookie and nothing stored: visitors are told apart for a day only, and journeys end with it.",
      code: tag("script.cookieless.js"),
    },
    {
      id: "hash",
      title: "Hash pages",
      text: (
        <>
          For applications whose pages differ only behind the <code>#</code> of the address.
        </>
      ),
      code: tag("script.hash.js"),
    },
    {
      id: "npm",
      title: "npm",
      text: "For applications that are bundled.",
      code: `npm install datafast

import { initDataFast } from "datafast";

await initDataFast({
  websiteId: "${trackingId}",
  domain: "${domain}",
  apiUrl: "${location.origin}/api/events",
});`,
    },
    {
      id: "gtm",
      title: "Tag Manager",
      text: "A tag of the kind Custom HTML, fired on all pages. Tag Manager drops data attributes of scripts, so this one adds them.",
      code: `<script>
  var script = document.createElement("script");
  script.defer = true;
  script.setAttribute("data-website-id", "${trackingId}");
  script.setAttribute("data-domain", "${domain}");
  script.src = "${location.origin}/js/script.js";
  document.head.appendChild(script);
</script>`,
    },
    {
      id: "proxy",
      title: "Your own proxy",
      text: (
        <>
          Serve <code>/js/script.js</code> and <code>/api/events</code> of this gateway under your own domain, with the
          visitor's address in <code>x-datafast-real-ip</code>, and name your proxy under the website's trusted proxies.
        </>
      ),
      code: `<script defer data-website-id="${trackingId}" data-domain="${domain}" src="/js/script.js"></script>`,
    },
  ];
};

export function Snippets(props: Props) {
  const open = useSignal("script");
  const all = ways(props);
  const way = all.find(({ id }) => id === open.value) as Way;
  return (
    <section class="card new-step snippets">
      <Tabs
        label="The script"
        tabs={all}
        open={open.value}
        onOpen={(id) => {
          open.value = id;
        }}
      >
        <p class="muted">{way.text}</p>
        <Snippet code={way.code} label={`the snippet: ${way.title}`} />
      </Tabs>
    </section>
  );
}
