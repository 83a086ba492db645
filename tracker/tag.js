// The <script> tag that loaded us. Its attributes are the whole configuration.

// Known only while the script runs for the first time; a bundler's loader may hide it even then.
const tag = document.currentScript || document.querySelector("script[data-website-id]");
const attribute = (name) => ((tag && tag.getAttribute("data-" + name)) || "").trim();
export const isOn = (flag) => attribute(flag) === "true";

export const websiteId = attribute("website-id");
export const domain = attribute("domain") || location.hostname;
export const endpoint = findEndpoint();

// The website's own domains, each standing for itself and everything below it.
const roots = [domain, ...attribute("allowed-hostnames").split(",")]
  .map((name) => name.trim().toLowerCase().replace(/^www\./, ""))
  .filter(Boolean);
export const rootOf = (hostname) => roots.find((root) => ("." + hostname).endsWith("." + root));

export function warn(message) {
  if (!isOn("disable-console")) console.warn("DataFast:", message);
}

// Events go where the script came from, be that the gateway or a proxy in front of it, unless the tag names a URL
// or a path of the page's host. Anything else in that attribute is a slip, and no reason to lose events.
function findEndpoint() {
  const named = attribute("api-url");
  try {
    const url = new URL(named, location.href);
    if (/^(https?:\/)?\//i.test(named) && /^http/.test(url.protocol)) return url.href;
  } catch {}
  return new URL("/api/events", (tag && tag.src) || location.href).href;
}

// Why nothing may be sent now, or undefined. Asked for every event: a visitor can opt out while the page is open.
export function whySilent() {
  if (!websiteId) return "no data-website-id";
  if (isAutomated()) return "automated browser";
  if (window !== window.parent && !isOn("debug")) return "inside an iframe";
  if (location.protocol === "file:") {
    if (!isOn("allow-file-protocol")) return "file:// page";
  } else if (isLocal(location.hostname) && !isOn("allow-localhost")) return "localhost";
  try {
    if (localStorage.getItem("datafast_ignore") === "true") return "opted out";
  } catch {}
}

const isLocal = (hostname) => /^(localhost|127(\.\d+){0,3}|\[?::1\]?)$|\.local(host)?$/.test(hostname);

// Whole names: browser extensions leave similar ones, such as the wallet's window.phantom.
const AUTOMATION =
  /^(callPhantom|_phantom|__nightmare|_selenium|calledSelenium|_Selenium_IDE_Recorder|\$?cdc_\w+|__(webdriver|selenium|(fx)?driver)_\w+)$/;

// Traces that the common automation tools leave. The gateway knows bots by their network and headers, too.
function isAutomated() {
  const agent = navigator.userAgent || "";
  const root = document.documentElement;
  return (
    navigator.webdriver ||
    agent.length < 5 ||
    /headless|phantomjs|selenium|webdriver|puppeteer|playwright|python|curl|wget|java\/|go-http|node\.js|axios|postman/i.test(agent) ||
    ["webdriver", "selenium", "driver"].some((name) => root.hasAttribute(name)) ||
    Object.keys(window).some((name) => AUTOMATION.test(name))
  );
}
