// The tracking script: counts pages, goals, links and payments of the page that carries its tag.
//
// It must never break that page. It throws into nobody's code, works (with less memory) where storage is refused, and
// stays silent for bots, for those who opted out, and on a developer's own machine.
//
// build.mjs makes three scripts of it and sets these two for each:
//   COOKIELESS      ids live in sessionStorage, and the gateway says who the visitor is
//   HASH_IS_PAGE    `#/pricing` is a page of its own

import { watchActions } from "./actions.js";
import { sendGoal } from "./goals.js";
import { watchPages } from "./pages.js";
import { send } from "./send.js";
import { warn, whySilent } from "./tag.js";
import { adoptIds, exposeVisitorId } from "./visitor.js";

// What pages call: datafast("signup", { plan: "pro" }). Goals but for two names, which the API reserves.
function handle(name, params) {
  try {
    if (name === "identify") identify(Object(params));
    else if (name === "payment") pay(Object(params).email);
    else sendGoal(name, params);
  } catch (error) {
    warn(error); // a value that JSON or String() refuses
  }
}

function identify(params) {
  if (COOKIELESS) warn("identify needs the script with cookies");
  else if (!params.user_id) warn("identify needs a user_id");
  else send("identify", Object.assign({ name: "" }, params));
}

function pay(email) {
  if (email) send("payment", { email });
  else warn("payment needs an email");
}

// Calls wait in `calls` from the page's stub until the page is shown: a prerendered page may never be.
let calls = (window.datafast && window.datafast.q) || [];
window.datafast = function () {
  if (calls) calls.push(arguments);
  else handle(...arguments);
};

function start() {
  const waiting = calls;
  calls = null;

  const reason = whySilent();
  if (reason) return warn("nothing is sent: " + reason);
  adoptIds();
  if (COOKIELESS) exposeVisitorId();
  watchPages();
  watchActions();
  for (const call of waiting) handle(...call); // after the first pageview, which says where the visitor came from
}

if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
else start();
