// Icons, drawn after Lucide's shapes (ISC). They say nothing by themselves: the control has the words.

import type { ComponentChildren } from "preact";

const icon = (shape: ComponentChildren) => () => (
  <svg class="icon" viewBox="0 0 24 24" width="16" height="16" aria-hidden="true" focusable="false">
    {shape}
  </svg>
);

const path = (d: string) => icon(<path d={d} />);

export const ChevronDown = path("m6 9 6 6 6-6");
export const ChevronLeft = path("m15 18-6-6 6-6");
export const ChevronRight = path("m9 18 6-6-6-6");
export const ArrowUp = path("M12 19V5m-7 7 7-7 7 7");
export const ArrowDown = path("M12 5v14m7-7-7 7-7-7");
export const Close = path("M18 6 6 18M6 6l12 12");
export const Plus = path("M5 12h14M12 5v14");
export const Minus = path("M5 12h14");
export const Check = path("M20 6 9 17l-5-5");
export const Menu = path("M4 6h16M4 12h16M4 18h16");
export const Download = path("M12 15V3m0 12-4-4m4 4 4-4M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2");
export const Refresh = path("M21 12a9 9 0 0 1-15 6.7L3 16m0-4a9 9 0 0 1 15-6.7L21 8m0-5v5h-5M3 21v-5h5");
export const Expand = path("M15 3h6v6m0-6-7 7M9 21H3v-6m0 6 7-7");
export const Calendar = path("M8 2v4m8-4v4M3 10h18M5 4h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z");
export const Trend = path("m22 7-8.5 8.5-5-5L2 17M16 7h6v6");
export const Table = path("M3 9h18M3 15h18M12 3v18M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Z");
export const Gauge = path("M3 3v18h18M7 15l4-6 4 3 5-8");
export const Star = path("m12 2 3.1 6.3 6.9 1-5 4.9 1.2 6.8-6.2-3.2L5.8 21 7 14.2l-5-4.9 6.9-1Z");
export const Play = path("m6 4 14 8-14 8Z");
export const Pause = path("M8 5v14M16 5v14");
export const Trash = path("M3 6h18M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2m3 0-1 14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2L5 6");
export const Pencil = path("M17 3a2.8 2.8 0 0 1 4 4L7.5 20.5 2 22l1.5-5.5Z");
export const External = path("M15 3h6v6M10 14 21 3M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6");
export const Keyboard = path(
  "M4 5h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2ZM6 9h.01M10 9h.01M14 9h.01M18 9h.01M6 13h.01M18 13h.01M9 15h6",
);
export const Filter = path("M3 5h18M7 12h10M10 19h4");
export const More = icon(
  <>
    <circle cx="5" cy="12" r="1" />
    <circle cx="12" cy="12" r="1" />
    <circle cx="19" cy="12" r="1" />
  </>,
);
export const Search = icon(
  <>
    <circle cx="11" cy="11" r="7" />
    <path d="m21 21-4.5-4.5" />
  </>,
);
export const Globe = icon(
  <>
    <circle cx="12" cy="12" r="10" />
    <path d="M2 12h20M12 2c6 6 6 14 0 20-6-6-6-14 0-20" />
  </>,
);
export const Copy = icon(
  <>
    <rect x="9" y="9" width="13" height="13" rx="2" />
    <path d="M5 15H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v1" />
  </>,
);
export const Link = path("M10 13a5 5 0 0 0 7.5.5l3-3a5 5 0 0 0-7-7L12 5m2 6a5 5 0 0 0-7.5-.5l-3 3a5 5 0 0 0 7 7L12 19");
export const Users = icon(
  <>
    <circle cx="9" cy="7" r="4" />
    <path d="M2 21v-2a4 4 0 0 1 4-4h6a4 4 0 0 1 4 4v2M16 3.1a4 4 0 0 1 0 7.8M22 21v-2a4 4 0 0 0-3-3.9" />
  </>,
);
export const Target = icon(
  <>
    <circle cx="12" cy="12" r="10" />
    <circle cx="12" cy="12" r="5.5" />
    <circle cx="12" cy="12" r="1" />
  </>,
);
export const Clock = icon(
  <>
    <circle cx="12" cy="12" r="10" />
    <path d="M12 6v6l4 2" />
  </>,
);
export const Warning = path("M12 9v4m0 4h.01M10.3 3.9 1.8 18a2 2 0 0 0 1.7 3h17a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z");
export const Info = icon(
  <>
    <circle cx="12" cy="12" r="10" />
    <path d="M12 16v-4m0-4h.01" />
  </>,
);

export const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">
    <rect width="24" height="24" rx="6" class="mark-ground" />
    <path d="M6 6.5v11M18 6.5v11M9 9.5h6M9 12.5h6" class="mark-gate" />
    <path d="M8.8 16.6c1.1 0 1.1.9 2.1.9s1.1-.9 2.2-.9 1.1.9 2.1.9" class="mark-water" />
  </svg>
);
