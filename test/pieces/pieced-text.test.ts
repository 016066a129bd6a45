import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PiecedText } from '../../src/pieces/pieced-text.ts';
import { TextPiece } from '../../src/pieces/text-piece.ts';

describe('a text in pieces', () => {
  it('is one gzip stream of the whole, also where pieces come again, go, or are empty', async () => {
    const piece = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
    const picks = fc.array(fc.array(fc.nat(19), { maxLength: 40 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 20, maxLength: 20 }), picks, async (all, moments) => {
        const kept = all.map((text) => new TextPiece(text));
        for (const moment of moments) {
          const text = new PiecedText(moment.flatMap((index) => kept[index] ?? []));
          const whole = Buffer.concat(moment.flatMap((index) => all[index] ?? []));
          expect(text.length).toBe(whole.length);
          expect(text.toBuffer()).toEqual(whole);
          expect(gunzipSync(await text.gzip())).toEqual(whole);
        }
      }),
    );
  });

  it('lets the event loop turn while thousands of pieces are new, and is at hand where none is', async () => {
    const pieces = Array.from({ length: 1000 }, (_, index) => new TextPiece(`dingtalk_up ${index}\n`));
    const text = new PiecedText(pieces);
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
    expect(await turnsOf(text.gzip())).toBeGreaterThan(10);
    expect(await turnsOf(text.gzip())).toBe(1);
    expect(await turnsOf(new PiecedText(pieces.slice(1)).gzip())).toBe(1);
    expect(gunzipSync(await text.gzip())).toEqual(text.toBuffer());
  });
});
