import { area, describe, type Shape } from "./shapes";
import data from "./data.json";

enum Color {
  Red = 1,
  Green,
  Blue = Red << 3,
}

namespace Units {
  export const scale = 10 ** 2;
  export function format(value: number): string {
    return `${(value / scale).toFixed(3)} m²`;
  }
}

class Catalogue<T extends Shape> {
  readonly #items = new Map<string, T>();
  constructor(private readonly title: string, ...items: T[]) {
    for (const item of items) this.#items.set(item.name ?? "?", item);
  }
  *[Symbol.iterator](): Iterator<T> {
    yield* this.#items.values();
  }
  get label() {
    return `${this.title} (${this.#items.size})`;
  }
}

const catalogue = new Catalogue("shapes", ...(data.shapes as Shape[]));
console.log(catalogue.label, Color[Color.Blue], Color[8], data.none?.at(0) ?? "nothing");
for (const shape of catalogue) console.log(describe(shape), Units.format(area(shape)));

export default async function* slowly<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) {
    await null;
    yield value;
  }
}
for await (const [at, letter] of slowly([..."añ漢🦀"].entries())) console.log(at, letter);
