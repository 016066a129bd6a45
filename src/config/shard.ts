import { hash } from 'node:crypto';

/** Shard `index` (from 0) of `count`, which together poll the organizations of one configuration. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The chart has the same limit. */
export const MAXIMUM_SHARDS = 10_000;

/** Reads `I/N` with 0 <= I < N; undefined where the text is something else. */
export function parseShard(text: string): Shard | undefined {
  const match = /^(\d{1,5})\/(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const index = Number(match[1]);
  const count = Number(match[2]);
  return index < count && count <= MAXIMUM_SHARDS ? { index, count } : undefined;
}

const MULTIPLIER = 2862933555777941757n;
const MASK = (1n << 64n) - 1n;

/**
 * The shard of a name, by jump consistent hashing over the first 64 bits of the name's SHA-256: the same in every
 * process, evenly spread, and adding a shard moves only the names that the new shard gets.
 * @see https://arxiv.org/abs/1406.2294
 */
export function shardOf(name: string, count: number): number {
  let key = hash('sha256', name, 'buffer').readBigUInt64BE(0);
  let shard = 0;
  for (let jump = 0; jump < count; ) {
    shard = jump;
    key = (key * MULTIPLIER + 1n) & MASK;
    jump = Math.floor((shard + 1) * (2 ** 31 / (Number(key >> 33n) + 1)));
  }
  return shard;
}

/** Whether this shard polls the organization of that name. */
export function belongsToShard(name: string, { index, count }: Shard): boolean {
  return shardOf(name, count) === index;
}
