// What visitors do with the mouse and the keyboard: goals in attributes, and links that leave the domain.

import { paramsOf, sendGoal } from "./goals.js";
import { send } from "./send.js";
import { rootOf, warn } from "./tag.js";
import { decorate } from "./visitor.js";

// Where the browser itself turns a key into a click, or types it. Counting the key there would count twice.
const FORM = "button,input,select,textarea,summary";
const CLICKED_BY_KEY = { Enter: FORM + ",a[href],area[href]", " ": FORM };

export function watchActions() {
  // Capturing, so that a handler which stops the event does not hide it from us.
  addEventListener("click", act, true);
  addEventListener("auxclick", (event) => event.button === 1 && linkOf(event) && act(event), true);
  addEventListener(
    "keydown",
    (event) => {
      const clicked = CLICKED_BY_KEY[event.key];
      if (clicked && !event.repeat && !closest(event, clicked) && !event.target.isContentEditable) act(event);
    },
    true,
  );
}

// A target need not be an element: a key pressed with nothing in focus is the document's.
const closest = ({ target }, selector) => target.closest && target.closest(selector);
const linkOf = (event) => closest(event, "a[href],area[href]");

function act(event) {
  try {
    const goal = closest(event, "[data-fast-goal]");
    if (goal) sendGoal(goal.getAttribute("data-fast-goal"), paramsOf(goal, "data-fast-goal-"));
    const link = linkOf(event);
    if (link) follow(link);
  } catch (error) {
    warn(error); // such as an href that is no URL
  }
}

function follow(link) {
  const href = link.getAttribute("href"); // the property is no string in SVG
  const url = new URL(href, document.baseURI);
  if (!/^http/.test(url.protocol)) return;

  const root = rootOf(url.hostname);
  if (!root && url.hostname !== location.hostname) {
    send("external_link", { url: url.href, text: (link.textContent || "").trim().slice(0, 255) });
  } else if (!COOKIELESS && root !== rootOf(location.hostname)) {
    link.setAttribute("href", decorate(url));
    setTimeout(() => link.setAttribute("href", href)); // followed by now, and the page is as its framework left it
  }
}
