// Who a visitor is, in words: the name that the website told, or one made of the id.

import { pseudonym } from "../lib/names.ts";

export interface Known {
  visitorId: string;
  displayName?: string | null | undefined;
  customerName?: string | null | undefined;
  userId?: string | null | undefined;
}

export function nameOf({ visitorId, displayName, customerName, userId }: Known): { name: string; isPseudonym: boolean } {
  const known = [displayName, customerName, userId].find((name) => name?.trim());
  return known ? { name: known, isPseudonym: false } : { name: pseudonym(visitorId), isPseudonym: true };
}

/** A place in words, from the most exact to the widest: `Austin, US-TX`. */
export function placeOf(place: { city?: string | null; region?: string | null; country?: string | null }): string | null {
  const parts = [place.city, place.region ?? place.country].filter((part): part is string => !!part);
  return parts.length > 0 ? [...new Set(parts)].join(", ") : null;
}

/** An address without what every address has. */
export const shortAddress = (address: string): string => address.replace(/^https?:\/\/(www\.)?/, "").replace(/(.)\/$/, "$1");

/** An address without the website's own domain, which goes without saying. */
export function pathOn(domain: string, address: string): string {
  const short = shortAddress(address);
  const own = domain.replace(/^www\./, "");
  if (short === own) return "/";
  return short.startsWith(`${own}/`) ? short.slice(own.length) : short;
}
