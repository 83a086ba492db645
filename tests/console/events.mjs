// Events of a few visitors, for tests that know each of them.

import { randomUUID } from "node:crypto";

export class Person {
  id = randomUUID();
  #number = 0;

  constructor(website, about = {}) {
    this.website = website;
    this.about = about;
  }

  #line(at, type, fields) {
    this.#number += 1;
    return {
      id: `${this.id}-${this.#number}`,
      timestamp: new Date(at).toISOString(),
      type,
      href: `https://${this.website.domain}/`,
      visitorId: this.id,
      sessionId: `s${this.id}`,
      ...this.about,
      ...fields,
    };
  }

  view = (at, path, fields) => this.#line(at, "pageview", { href: `https://${this.website.domain}${path}`, ...fields });
  goal = (at, eventName, more = {}, fields = {}) => this.#line(at, "custom", { extraData: { eventName, ...more }, ...fields });
  known = (at, name, more = {}, fields = {}) =>
    this.#line(at, "identify", { extraData: { user_id: `user-${this.id}`, name, ...more }, ...fields });
  // No browser says this one, so it has no page and is part of no session.
  paid = (at, amount, more = {}) => {
    const { id, timestamp } = this.#line(at, "payment");
    return {
      id,
      timestamp,
      type: "payment",
      extraData: {
        amount,
        currency: "USD",
        transaction_id: `txn-${this.id}-${this.#number}`,
        datafast_visitor_id: this.id,
        ...more,
      },
    };
  };
}

const HERE = [
  ["US", "US-CA", "San Francisco", 37.77, -122.42, "Chrome", "Mac OS", "/pricing", "https://www.google.com/"],
  ["US", "US-CA", "San Francisco", 37.77, -122.42, "Safari", "iOS", "/", null],
  [
    "US",
    "US-NY",
    "New York",
    40.71,
    -74.01,
    "Chrome",
    "Windows",
    "/docs/getting-started",
    "https://news.ycombinator.com/item?id=41",
  ],
  ["US", "US-TX", "Austin", 30.27, -97.74, "Firefox", "Windows", "/checkout", null],
  ["DE", "DE-BE", "Berlin", 52.52, 13.4, "Firefox", "Linux", "/blog/cookieless-analytics", "https://www.reddit.com/r/webdev"],
  ["DE", "DE-BE", "Berlin", 52.52, 13.4, "Chrome", "Mac OS", "/pricing", "https://www.google.com/"],
  ["FR", "FR-IDF", "Paris", 48.86, 2.35, "Chrome", "Windows", "/", "https://github.com/topics/analytics"],
  ["GB", "GB-ENG", "London", 51.51, -0.13, "Safari", "Mac OS", "/signup", null],
  ["IN", "IN-KA", "Bengaluru", 12.97, 77.59, "Chrome", "Android", "/docs/api", "https://www.google.com/"],
  ["IN", "IN-KA", "Bengaluru", 12.97, 77.59, "Chrome", "Windows", "/compare/plausible", "https://t.co/abc"],
  ["BR", "BR-SP", "São Paulo", -23.55, -46.63, "Chrome", "Android", "/changelog", null],
  ["AU", "AU-NSW", "Sydney", -33.87, 151.21, "Safari", "iOS", "/pricing", "https://www.linkedin.com/feed/"],
  ["JP", "JP-13", "Tokyo", 35.68, 139.69, "Chrome", "Mac OS", "/", null],
  ["KE", "KE-110", "Nairobi", -1.29, 36.82, "Chrome", "Android", "/blog/revenue-attribution", null],
];

// Somebody from everywhere, within the ten minutes before `now`.
export function present(website, now) {
  return HERE.flatMap(([country, region, city, latitude, longitude, browser, os, path, referrer], at) => {
    const person = new Person(website, { country, region, city, latitude, longitude, browser, os });
    const start = now - 25_000 - at * 37_000;
    return [
      person.view(start, path, referrer ? { referrer } : {}),
      ...(at % 4 === 1
        ? [person.known(start + 4_000, ["Jane Doe", "Lena Weber", "Ken Sato", "Priya Nair"][(at - 1) / 4])]
        : []),
      ...(path === "/signup" ? [person.goal(start + 9_000, "signup", { plan: "pro" })] : []),
      ...(path === "/checkout" ? [person.paid(start + 15_000, 49, { name: "Tom Okafor" })] : []),
    ];
  });
}

// A token that may do only this.
export const narrowed = async (owner, permissions) =>
  (await owner.api.row("POST", "/api/v1/admin/access-tokens", { name: "narrowed", permissions })).key;
