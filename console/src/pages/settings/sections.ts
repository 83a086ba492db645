// What can be set on a website, by tab.

import type { Section } from "../../lib/settings.ts";

export const SECTIONS: Record<string, readonly Section[]> = {
  general: [
    {
      id: "website",
      title: "Website",
      settings: [
        { name: "name", kind: "text", label: "Name", hint: "Empty: the domain." },
        { name: "domain", kind: "text", label: "Domain", hint: "Events of it and of its subdomains are accepted." },
      ],
    },
    {
      id: "days",
      title: "Days and money",
      settings: [
        {
          name: "timezone",
          kind: "choice",
          label: "Time zone",
          hint: "Its days begin at midnight there. All reports are made anew.",
        },
        { name: "currency", kind: "choice", label: "Currency", hint: "Past payments are worked out anew at the newest rates." },
        {
          name: "includeRenewalRevenue",
          kind: "switch",
          label: "Renewals count as revenue",
          hint: "Off: only what is paid for the first time.",
        },
      ],
    },
    {
      id: "mails",
      title: "Mails to the owner",
      settings: [
        {
          name: "sendWeeklyReports",
          kind: "switch",
          label: "A report every week",
          hint: "On Monday morning: visitors, revenue, pages, sources and goals, compared with the week before.",
        },
        {
          name: "sendViralTrafficAlerts",
          kind: "switch",
          label: "Unusual traffic",
          hint: "When an hour has at least 50 sessions, and five times as many as usual.",
        },
      ],
    },
  ],
  tracking: [
    {
      id: "visitors",
      title: "Visitors",
      settings: [
        {
          name: "isCookieless",
          kind: "switch",
          label: "Without cookies",
          hint: "Nothing is stored in browsers. Visitors are told apart for a day only, and journeys end with it.",
        },
        {
          name: "isAttackModeEnabled",
          kind: "switch",
          label: "Attack mode",
          hint: "Accepts only what certainly comes from a person. For the time of an attack: it drops some real visits.",
        },
      ],
    },
    {
      id: "hosts",
      title: "Hosts",
      settings: [
        {
          name: "allowedHostnames",
          kind: "lines",
          label: "Further hosts",
          hint: "One a line. The domain and its subdomains are accepted anyway.",
          placeholder: "shop.example.org",
        },
        {
          name: "isAllHostnamesAllowed",
          kind: "switch",
          label: "Events from any host",
          hint: "Then nobody is kept from sending some.",
        },
        {
          name: "trustedProxies",
          kind: "lines",
          label: "Your own proxies",
          hint: "Addresses or ranges, one a line. What they say of a visitor's address counts.",
          placeholder: "203.0.113.0/24",
        },
      ],
    },
  ],
  exclusions: [
    {
      id: "exclusions",
      title: "What is not counted",
      settings: [
        {
          name: "excludedIps",
          kind: "lines",
          label: "Addresses",
          hint: "IPv4, IPv6 or ranges, one a line.",
          placeholder: "198.51.100.7",
        },
        {
          name: "excludedPaths",
          kind: "lines",
          label: "Pages",
          hint: "Paths, one a line; /* at the end takes all below.",
          placeholder: "/admin/*",
        },
        {
          name: "excludedCountries",
          kind: "lines",
          label: "Countries",
          hint: "Their two letters, one a line.",
          placeholder: "FR",
        },
        { name: "excludedHostnames", kind: "lines", label: "Hosts", hint: "One a line.", placeholder: "staging.example.com" },
      ],
    },
  ],
  public: [
    {
      id: "public",
      title: "Public pages",
      settings: [
        {
          name: "isPublicDashboardEnabled",
          kind: "switch",
          label: "A public dashboard, and widgets",
          hint: "Everybody sees the figures: visitors, pages, sources, countries and devices. Nobody sees single visitors or notes.",
        },
        {
          name: "isPublicDataEnabled",
          kind: "switch",
          label: "With revenue",
          hint: "Revenue and payments are on the public pages too.",
        },
      ],
    },
  ],
  data: [
    {
      id: "retention",
      title: "How long it is kept",
      settings: [
        {
          name: "retentionDays",
          kind: "days",
          label: "Days",
          hint: "30 to 3,650. Empty: for ever. Older events, sessions and profiles are deleted; payments stay.",
        },
      ],
    },
  ],
};
