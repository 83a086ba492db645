// What is shown, to take away: as CSV, or as the very call of the API.

import { type Cell, csv, fileName } from "../lib/csv.ts";
import { type Call, curl } from "../lib/curl.ts";
import { copyText } from "./copy.tsx";
import { Copy, Download } from "./icons.tsx";
import { saveFile } from "./save.ts";

interface Props {
  name: readonly string[]; // of the file: website, list, dates, filters
  header: readonly string[];
  rows: readonly (readonly Cell[])[];
  call: Omit<Call, "url"> & { path: string };
}

export function TakeAway({ name, header, rows, call: { path, ...call } }: Props) {
  return (
    <>
      <button
        type="button"
        class="button quiet small"
        disabled={rows.length === 0}
        onClick={() => saveFile(fileName(name, "csv"), csv(header, rows))}
      >
        <Download /> CSV
      </button>
      <button
        type="button"
        class="button quiet small"
        onClick={() => copyText(curl({ ...call, url: location.origin + path }), "The call is copied")}
      >
        <Copy /> curl
      </button>
    </>
  );
}
