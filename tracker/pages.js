// Pageviews, and payments that a checkout reports in the URL it returns to.

import checkouts from "./checkouts.json"; // the website's engine reads the same list
import { watchScrolling } from "./scroll.js";
import { send } from "./send.js";
import { tab } from "./storage.js";
import { isOn } from "./tag.js";

const PAGE_STATE = "datafast_pageview_state";
const SAME_PAGE_MS = 60000; // a reload is no new view
const SETTLE_MS = 100; // routers often change the URL several times for one page

// A query is a detail of its page, and so is a fragment unless the website routes by it.
const currentPage = () => location.pathname + (HASH_IS_PAGE ? location.hash : "");

export function watchPages() {
  let page;
  let timer;

  const show = () => {
    page = currentPage();
    sendPageview();
    if (!isOn("disable-payments")) sendPayments();
    watchScrolling();
  };
  const showSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => page !== currentPage() && show(), SETTLE_MS);
  };

  for (const method of ["pushState", "replaceState"]) {
    const original = history[method];
    history[method] = function () {
      const result = original.apply(this, arguments);
      showSoon();
      return result;
    };
  }
  addEventListener("popstate", showSoon);
  if (HASH_IS_PAGE) addEventListener("hashchange", showSoon);
  addEventListener("pageshow", (event) => event.persisted && show()); // back from the browser's page cache: no load
  show();
}

function sendPageview() {
  const now = Date.now();
  const url = location.href;
  let last = {};
  try {
    last = JSON.parse(tab.read(PAGE_STATE)) || last;
  } catch {}
  if (last.url === url && now - last.time < SAME_PAGE_MS) return;
  tab.write(PAGE_STATE, JSON.stringify({ time: now, url }));
  send("pageview");
}

function sendPayments() {
  const query = new URLSearchParams(location.search);
  for (const { provider, id, prefix } of checkouts) {
    const value = query.get(id);
    // Without a prefix, the checkout does not return with its id.
    if (value && prefix != null && value.startsWith(prefix)) sendPaymentOnce(provider, id, value);
  }
}

function sendPaymentOnce(provider, id, value) {
  const mark = "datafast_" + provider + "_payment_sent_" + value;
  if (tab.read(mark)) return;
  tab.write(mark, "true");
  send("payment", { [provider + "_" + id]: value });
}
