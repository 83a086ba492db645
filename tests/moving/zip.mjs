// Archives for the tests.

import { crc32, deflateRawSync } from "node:zlib";

// A zip as Plausible writes it: stored, with sizes behind the data; or packed.
export function zip(files, { isPacked = false, isLarge = false } = {}) {
  const [parts, directory] = [[], []];
  let offset = 0;
  for (const [name, data] of files) {
    const packed = isPacked ? deflateRawSync(data) : data;
    const head = (size, signature) => {
      const buffer = Buffer.alloc(size);
      buffer.writeUInt32LE(signature);
      return buffer;
    };
    const sizes = (buffer, at) => [crc32(data), packed.length, data.length].forEach((value, index) => buffer.writeUInt32LE(value, at + 4 * index));
    const local = head(30, 0x04034b50);
    local.writeUInt16LE(8, 6);
    local.writeUInt16LE(isPacked ? 8 : 0, 8);
    local.writeUInt16LE(name.length, 26);
    const behind = head(16, 0x08074b50);
    sizes(behind, 4);
    const entry = head(46, 0x02014b50);
    entry.writeUInt16LE(8, 8);
    entry.writeUInt16LE(isPacked ? 8 : 0, 10);
    sizes(entry, 16);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    let extra = Buffer.alloc(0);
    if (isLarge) {
      // As in archives above 4 GiB: the numbers are in a field of their own.
      extra = Buffer.alloc(28);
      [1, 24].forEach((value, index) => extra.writeUInt16LE(value, 2 * index));
      [data.length, packed.length, offset].forEach((value, index) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index));
      for (const at of [20, 24, 42]) entry.writeUInt32LE(0xffffffff, at);
      entry.writeUInt16LE(extra.length, 30);
    }
    parts.push(local, Buffer.from(name), packed, behind);
    directory.push(entry, Buffer.from(name), extra);
    offset += 30 + name.length + packed.length + 16;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(isLarge ? 0xffffffff : offset, 16);
  const [end64, locator] = [Buffer.alloc(56), Buffer.alloc(20)];
  end64.writeUInt32LE(0x06064b50);
  [files.length, files.length, size, offset].forEach((value, index) => end64.writeBigUInt64LE(BigInt(value), 24 + 8 * index));
  locator.writeUInt32LE(0x07064b50);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  return Buffer.concat([...parts, ...directory, ...(isLarge ? [end64, locator] : []), end]);
}
