import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendChecksum, checksumOf } from '../../src/pieces/checksum.ts';

describe('the checksum of texts side by side', () => {
  it('is the one of the whole, whatever their lengths', () => {
    const text = fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
        const sum = texts.map(checksumOf).reduce(appendChecksum, 0);
        // zlib takes the checksum of nothing for the first one.
        const whole = Buffer.concat(texts);
        expect(sum).toBe(whole.length === 0 ? 0 : crc32(whole));
      }),
    );
  });
});
