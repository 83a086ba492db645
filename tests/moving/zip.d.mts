export function zip(files: readonly (readonly [string, Buffer])[], how?: { isPacked?: boolean; isLarge?: boolean }): Buffer<ArrayBuffer>;
