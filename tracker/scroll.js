// Scroll goals: <section data-fast-scroll="saw_pricing"> is reached when enough of it is in view for long enough,
// once on each page visit.

import { paramsOf, sendGoal } from "./goals.js";

const PREFIX = "data-fast-scroll-";
let watched; // elements of this page visit
let stops = []; // and what ends their watches
let observer;

// Begins a page visit.
export function watchScrolling() {
  if (!window.IntersectionObserver) return;
  for (const stop of stops) stop();
  stops = [];
  watched = new WeakSet();
  scan();
  if (observer) return;
  // Elements that a framework adds later. A busy page changes many times a second; one look afterwards is enough.
  let pending;
  observer = new MutationObserver(() => {
    pending = pending || setTimeout(() => ((pending = 0), scan()), 100);
  });
  observer.observe(document.documentElement, { childList: true, subtree: true });
}

function scan() {
  for (const element of document.querySelectorAll("[data-fast-scroll]")) {
    if (watched.has(element)) continue;
    watched.add(element);
    stops.push(watch(element));
  }
}

function watch(element) {
  const params = paramsOf(element, PREFIX);
  const given = parseFloat(params.threshold);
  const threshold = given >= 0 && given <= 1 ? given : 0.5;
  const delay = Math.max(0, parseInt(params.delay, 10) || 0);
  // More than a windowful of a tall element is never in view.
  const enough = Math.min(threshold, (0.99 * innerHeight) / element.offsetHeight || 1);
  let timer;

  const reached = () => {
    stop();
    const automatic = { scroll_percentage: scrollPercentage(), threshold, delay };
    sendGoal(element.getAttribute("data-fast-scroll"), Object.assign(params, automatic));
  };
  const intersections = new IntersectionObserver(
    (entries) => {
      clearTimeout(timer);
      const { isIntersecting, intersectionRatio } = entries[entries.length - 1];
      if (isIntersecting && intersectionRatio >= enough) timer = setTimeout(reached, delay);
    },
    { threshold: enough },
  );
  const stop = () => {
    clearTimeout(timer);
    intersections.disconnect();
  };
  intersections.observe(element);
  return stop;
}

// How far down the page the window is.
function scrollPercentage() {
  const rest = document.documentElement.scrollHeight - innerHeight;
  return rest > 0 ? Math.min(100, Math.round((scrollY / rest) * 100)) : 100;
}
