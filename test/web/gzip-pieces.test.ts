import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GzipPieces } from '../../src/web/gzip-pieces.ts';

describe('gzip in pieces', () => {
  it('is one gzip stream of the whole, also where pieces come again, go, or are empty', async () => {
    const piece = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
    const picks = fc.array(fc.array(fc.nat(19), { maxLength: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 20, maxLength: 20 }), picks, async (all, moments) => {
        const gzip = new GzipPieces();
        for (const moment of moments) {
          const pieces = moment.flatMap((index) => all[index] ?? []);
          expect(gunzipSync(await gzip.compress(pieces))).toEqual(Buffer.concat(pieces));
        }
      }),
    );
  });

  it('lets the event loop turn while thousands of pieces are new, and at once where none is', async () => {
    const pieces = Array.from({ length: 1000 }, (_, index) => Buffer.from(`dingtalk_up ${index}\n`));
    const gzip = new GzipPieces();
    const turnsOf = async (work: Promise<Buffer>): Promise<number> => {
      let turns = 0;
      let ended = false;
      const end = work.then(() => {
        ended = true;
      });
      const turn = (): void => {
        if (ended) return;
        turns += 1;
        setImmediate(turn);
      };
      turn();
      await end;
      return turns;
    };
    expect(await turnsOf(gzip.compress(pieces))).toBeGreaterThan(10);
    expect(await turnsOf(gzip.compress(pieces))).toBe(1);
    expect(gunzipSync(await gzip.compress(pieces))).toEqual(Buffer.concat(pieces));
  });
});
