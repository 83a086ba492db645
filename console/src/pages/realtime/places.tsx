// The map of who is there: dots by rounded place, and their countries in shades.

import { countryName } from "../../lib/countries.ts";
import type { Dot, Shade } from "../../parts/map/index.tsx";
import { LazyMap } from "../../parts/map/lazy.tsx";
import type { Visitor } from "./types.ts";

export function Places({ visitors }: { visitors: readonly Visitor[] }) {
  const dots = dotsOf(visitors);
  const countries = Map.groupBy(
    visitors.filter(({ location }) => location.countryCode),
    ({ location }) => location.countryCode as string,
  );
  // Without any place there is nothing to see on a map: the list comes first.
  if (dots.length === 0 && countries.size === 0) return null;
  const most = Math.max(...[...countries.values()].map(({ length }) => length));
  const shades = new Map<string, Shade>();
  for (const [code, { length }] of countries) {
    shades.set(code, { level: (0.6 * length) / most, title: `${countryName(code)}: ${length}` });
  }
  const places = [...countries].sort(([, one], [, other]) => other.length - one.length);
  const label = `World map of the current visitors: ${places
    .slice(0, 5)
    .map(([code, { length }]) => `${countryName(code)} ${length}`)
    .join(", ")}${places.length > 5 ? ` and ${places.length - 5} more countries` : ""}`;
  return (
    <section class="card live-map" aria-label="Map">
      <LazyMap label={label} shades={shades} dots={dots} />
    </section>
  );
}

// Visitors of about the same place share a dot.
function dotsOf(visitors: readonly Visitor[]): Dot[] {
  const placed = visitors.filter(({ latitude, longitude }) => latitude !== null && longitude !== null);
  const groups = Map.groupBy(placed, ({ latitude, longitude }) => `${Math.round(latitude ?? 0)} ${Math.round(longitude ?? 0)}`);
  return [...groups].map(([key, group]) => {
    const [{ location }] = group as [Visitor];
    const name = location.city ?? (location.countryCode ? countryName(location.countryCode) : "somewhere");
    const [latitude, longitude] = key.split(" ").map(Number) as [number, number];
    return { key, latitude, longitude, count: group.length, title: `${name}: ${group.length}` };
  });
}
