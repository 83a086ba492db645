// The world: countries in shades of a figure, and dots where somebody is. The same figures are always in a table beside it.

import { COUNTRIES, HEIGHT, SCALE, TRANSLATE, WIDTH } from "map:world";
import { project } from "../../lib/projection.ts";

export interface Shade {
  level: number; // 0 to 1
  title: string;
}

export interface Dot {
  key: string;
  latitude: number;
  longitude: number;
  count: number;
  title: string;
}

interface Props {
  label: string; // what the map shows, in a sentence
  shades?: ReadonlyMap<string, Shade>; // by the country's two letters
  dots?: readonly Dot[];
  choose?: (code: string) => void; // by mouse; the table does the same by keyboard
}

const LEVELS = 5;
const levelOf = ({ level }: Shade) => Math.max(1, Math.ceil(Math.min(1, level) * LEVELS));

export default function World({ label, shades = new Map(), dots = [], choose }: Props) {
  return (
    <svg class="world" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {COUNTRIES.map(([code, path], at) => {
        const shade = shades.get(code);
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table beside the map does the same by keyboard
          <path
            key={at}
            d={path}
            class={shade ? `land land-${levelOf(shade)}${choose ? " is-choosable" : ""}` : "land"}
            onClick={shade && choose ? () => choose(code) : undefined}
          >
            {shade && <title>{shade.title}</title>}
          </path>
        );
      })}
      {dots.map(({ key, latitude, longitude, count, title }) => {
        const [x, y] = project(latitude, longitude, { scale: SCALE, translate: TRANSLATE });
        return (
          <g key={key} class="dot" transform={`translate(${Math.round(x)} ${Math.round(y)})`}>
            <title>{title}</title>
            <circle r={radiusOf(count) + 5} class="dot-halo" />
            <circle r={radiusOf(count)} class="dot-core" />
            {count > 1 && (
              <text x={radiusOf(count) + 7} y="5">
                {count}
              </text>
            )}
          </g>
        );
      })}
    </svg>
  );
}

const radiusOf = (count: number) => Math.min(14, 4 + Math.sqrt(count - 1) * 1.6);
