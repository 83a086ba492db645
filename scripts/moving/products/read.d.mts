import type { Chunks } from "./types.mjs";

export interface Row {
  line: number;
  text: string;
  header?: string[];
  row?: Record<string, string>;
  fault?: string;
}

// What is needed of a Blob.
export interface Packed {
  size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer>; stream(): ReadableStream<Uint8Array> };
}

export function rows(stream: Chunks): AsyncGenerator<Row, void, undefined>;
export function entries(blob: Packed, name: string): Promise<Map<string, () => ReadableStream<Uint8Array>>>;
