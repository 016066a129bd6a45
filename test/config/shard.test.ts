import { describe, expect, it } from 'vitest';
import { parseShard, shardOf } from '../../src/config/shard.ts';

const NAMES = Array.from({ length: 4_000 }, (_, index) => `organization ${index} 组织`);

describe('parseShard', () => {
  it.each([
    ['0/1', { index: 0, count: 1 }],
    ['9999/10000', { index: 9_999, count: 10_000 }],
  ])('reads %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each(['3/3', '0/0', '-1/3', '1/10001', '1', '1/', '/3', '1/3/5', '0.5/3', ' 1/3', '1/3\n'])(
    'refuses %j',
    (text) => {
      expect(parseShard(text)).toBeUndefined();
    },
  );
});

describe('shardOf', () => {
  it('does not change between processes and versions, as replicas may differ in version', () => {
    expect(['default', 'acme', '示例公司', ''].map((name) => shardOf(name, 10))).toEqual([2, 1, 1, 5]);
  });

  it.each([2, 3, 7, 16])('distributes 4,000 organizations evenly over %d shards', (count) => {
    const sizes = new Array<number>(count).fill(0);
    for (const name of NAMES) {
      const shard = shardOf(name, count);
      sizes[shard] = (sizes[shard] ?? 0) + 1;
    }
    const share = NAMES.length / count;
    // Four standard deviations of a fair draw; the names are fixed, so the result is always the same.
    const tolerance = 4 * Math.sqrt(share * (1 - 1 / count));
    for (const size of sizes) expect(Math.abs(size - share)).toBeLessThan(tolerance);
  });

  it.each([1, 2, 3, 9])('with one shard more than %d, moves only the share of the new one', (count) => {
    const moved = NAMES.filter((name) => shardOf(name, count) !== shardOf(name, count + 1));
    for (const name of moved) expect(shardOf(name, count + 1)).toBe(count);
    const share = NAMES.length / (count + 1);
    expect(Math.abs(moved.length - share)).toBeLessThan(4 * Math.sqrt(share));
  });
});
