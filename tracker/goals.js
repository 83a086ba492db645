// Goals: a name and up to ten parameters. The SDK and the gateway have the same rules.

import { send } from "./send.js";
import { warn } from "./tag.js";

export function sendGoal(name, params) {
  const eventName = typeof name === "string" ? name.trim().toLowerCase() : "";
  if (!/^[a-z0-9_:-]{1,64}$/.test(eventName)) return warn("bad goal name: " + name);

  const keys = Object.keys(Object(params)).filter((key) => key !== "eventName");
  if (keys.length > 10) return warn(eventName + ": more than 10 parameters");
  const clean = { eventName };
  for (const key of keys) {
    if (!/^[a-z0-9_-]{1,64}$/i.test(key)) return warn(eventName + ": bad parameter name: " + key);
    clean[key.toLowerCase()] = sanitize(params[key]);
  }
  send("custom", clean);
}

// Values are shown on dashboards, so nothing that could pass for markup or script gets in.
function sanitize(value) {
  return String(value == null ? "" : value)
    .slice(0, 255)
    .replace(/[<>'"&]/g, "")
    .replace(/javascript:|vbscript:|data:|on\w+=/gi, "")
    .trim();
}

// The parameters in an element's attributes: data-fast-goal-plan-type="pro" is { plan_type: "pro" }.
export function paramsOf(element, prefix) {
  const params = {};
  for (const { name, value } of Array.from(element.attributes)) {
    if (name.startsWith(prefix)) params[name.slice(prefix.length).replace(/-/g, "_")] = value;
  }
  return params;
}
