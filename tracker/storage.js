// Places that outlive the page. A browser may refuse them, even by throwing on a mere read; what cannot be stored is
// then remembered until the page goes.

import { rootOf } from "./tag.js";

function keptBy(get, set) {
  const memory = {};
  const stored = (name) => {
    try {
      return get(name);
    } catch {}
  };
  return {
    read: (name) => stored(name) || memory[name],
    write(name, value, seconds) {
      try {
        set(name, value, seconds);
      } catch {}
      memory[name] = stored(name) === value ? "" : value;
    },
  };
}

// One browser tab.
export const tab = keptBy(
  (name) => sessionStorage.getItem(name),
  (name, value) => sessionStorage.setItem(name, value),
);

// Shared by all hosts below the website's domain, where a browser allows that: no cookie spans an IP address or a name
// without a dot. Elsewhere a cookie stays with its host.
const root = rootOf(location.hostname);
const scope = /\.[a-z]/.test(root) ? "; domain=." + root : "";

export const visitorStore = COOKIELESS
  ? tab
  : keptBy(
      (name) => {
        const found = document.cookie.match("(?:^|; )" + name + "=([^;]*)");
        return found && decodeURIComponent(found[1]);
      },
      (name, value, seconds) => {
        document.cookie = name + "=" + encodeURIComponent(value) + "; path=/; samesite=lax; max-age=" + seconds + scope;
      },
    );
