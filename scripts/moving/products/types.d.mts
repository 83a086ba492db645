// The types of the converters, for the console (console/src/lib/exports.ts).

import type { Output } from "./write.mjs";

export type Chunks = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Source {
  name: string;
  stream: () => Chunks;
  isEntry?: boolean; // of an archive
}

export interface Options {
  domain: string;
  timezone?: string | undefined;
  website?: string | undefined;
}

export type Convert = (sources: readonly Source[], options: Options, output: Output) => Promise<void>;
