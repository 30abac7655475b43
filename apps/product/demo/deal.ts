/** Mixes numbers and a text into 32 bits, the same on every machine. Not for secrets. */
export function mix(text: string, ...numbers: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A stream of numbers in 0..1 (mulberry32). */
export function stream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/**
 * The `turn`-th card of an endless deal: within each round through the pool every element comes once, in an order that differs by round, name
 * and seed. So neighbours on a page do not repeat, and no shuffled copy has to be kept. Throws for an empty pool.
 */
export function deal<Element>(pool: readonly Element[], turn: number, name: string, seed: number): Element {
  const size = pool.length;
  const round = Math.floor(turn / size);
  let step = 1 + (mix(name, seed, round, 1) % size);
  while (divisor(step, size) !== 1) step += 1;
  const element = pool[(mix(name, seed, round, 2) + step * (turn % size)) % size];
  if (element === undefined) throw new Error(`nothing to deal: ${name}`);
  return element;
}
