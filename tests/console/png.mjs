// Makes pictures small: a screenshot's PNG of 24 bits becomes one of 256 colours, which is enough for a page without photographs.

import { deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;
const TOLD_APART = 700; // of the distance below: about ten steps of each channel

export function smaller(png) {
  const { width, height, pixels } = decode(png);
  const { palette, indexes } = quantize(pixels);
  const rows = Buffer.alloc((width + 1) * height); // each begins with its filter: none
  for (let y = 0; y < height; y++) indexes.copy(rows, y * (width + 1) + 1, y * width, (y + 1) * width);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits, a palette
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", Buffer.from(palette.flat())),
    chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

// As Chromium writes it: 8 bits a channel, RGB or RGBA, not interlaced.
function decode(png) {
  const parts = [];
  let width = 0;
  let height = 0;
  let channels = 0;
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") {
      width = data.readUInt32BE(0);
      height = data.readUInt32BE(4);
      channels = data[9] === 6 ? 4 : 3;
    }
    if (type === "IDAT") parts.push(data);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * channels;
  const pixels = new Uint8Array(width * height * 3);
  let before = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    const line = Uint8Array.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? line[x - channels] : 0;
      const corner = x >= channels ? before[x - channels] : 0;
      line[x] += [0, left, before[x], (left + before[x]) >> 1, filter === 4 ? paeth(left, before[x], corner) : 0][filter];
    }
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) pixels[(y * width + x) * 3 + channel] = line[x * channels + channel];
    }
    before = line;
  }
  return { width, height, pixels };
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

// The most frequent colours that can be told apart, then the most frequent of the rest, and for every other one the nearest: a red
// word is few pixels, and must not become a brown one.
function quantize(pixels) {
  const counts = new Map();
  const colourAt = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2];
  for (let at = 0; at < pixels.length; at += 3) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1);
  const channels = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const byCount = [...counts].sort((one, other) => other[1] - one[1]).map(([colour]) => colour);
  const palette = [];
  const known = new Map();
  const choose = (colour) => {
    known.set(colour, palette.length);
    palette.push(channels(colour));
  };
  const distance = ([r, g, b], [red, green, blue]) => 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + (b - blue) ** 2;
  for (const least of [TOLD_APART, 0]) {
    for (const colour of byCount) {
      if (palette.length === MOST_COLOURS) break;
      if (!known.has(colour) && palette.every((one) => distance(one, channels(colour)) >= least)) choose(colour);
    }
  }
  const nearest = (colour) => {
    const wanted = channels(colour);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, one] of palette.entries()) {
      const far = distance(one, wanted);
      if (far < least) [best, least] = [index, far];
    }
    known.set(colour, best);
    return best;
  };
  const indexes = Buffer.alloc(pixels.length / 3);
  for (let at = 0; at < pixels.length; at += 3) indexes[at / 3] = known.get(colourAt(at)) ?? nearest(colourAt(at));
  return { palette, indexes };
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(~crc >>> 0);
  return Buffer.concat([length, body, sum]);
}
