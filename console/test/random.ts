// Random values for property tests, from a seed that a failure names.

/** Runs a property for 300 seeds. */
export function forAll(property: (random: Random) => void, runs = 300): void {
  for (let seed = 1; seed <= runs; seed++) {
    try {
      property(new Random(seed));
    } catch (error) {
      throw new Error(`with seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 0x9e3779b1;
  }

  /** A whole number from 0 to below `end` (mulberry32). */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  list<T>(most: number, make: () => T, least = 0): T[] {
    return Array.from({ length: this.between(least, most) }, make);
  }

  /** Words of every kind: signs of this project's grammars, other scripts, characters beyond the first plane. */
  text(most = 12): string {
    const signs = [..."abz019 :;,.%&+=#?/'\"<>\\_-@éßøñ日本🦉\u202e\u2028\t\n"];
    return this.list(most, () => this.one(signs)).join("");
  }
}
