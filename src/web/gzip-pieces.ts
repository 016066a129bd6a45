import { constants, deflateRawSync } from 'node:zlib';
import { appendChecksum, type Checksum, checksumOf } from './checksum.ts';

/** Pieces that are compressed in one turn of the event loop: some milliseconds of work. */
const PIECES_IN_A_TURN = 64;

/** RFC 1952: magic number, deflate, no flags, no time, fastest algorithm, unknown operating system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** RFC 1951: a last block, with nothing in it. */
const LAST_BLOCK = Buffer.from([3, 0]);

interface Compressed {
  readonly deflated: Buffer;
  readonly checksum: Checksum;
}

/**
 * Compresses a text that comes in pieces, most of which are those of the time before: each piece is compressed
 * once, by itself, and ends at a byte (a full flush), so that pieces side by side are one gzip stream.
 */
export class GzipPieces {
  readonly #compressed = new WeakMap<Buffer, Compressed>();

  /** Between pieces that are new the event loop turns, so that nothing else waits for thousands of them. */
  async compress(pieces: readonly Buffer[]): Promise<Buffer> {
    const parts: Buffer[] = [HEADER];
    let checksum = 0;
    let length = 0;
    let fresh = 0;
    for (const piece of pieces) {
      let compressed = this.#compressed.get(piece);
      if (compressed === undefined) {
        compressed = { deflated: deflate(piece), checksum: checksumOf(piece) };
        this.#compressed.set(piece, compressed);
        fresh += 1;
        if (fresh % PIECES_IN_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      parts.push(compressed.deflated);
      checksum = appendChecksum(checksum, compressed.checksum);
      length += piece.length;
    }
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum);
    trailer.writeUInt32LE(length % 2 ** 32, 4);
    return Buffer.concat([...parts, LAST_BLOCK, trailer]);
  }
}

function deflate(piece: Buffer): Buffer {
  const deflated = deflateRawSync(piece, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  // What zlib returns is a view into 16 KiB of its own, and would keep them.
  const kept = Buffer.allocUnsafeSlow(deflated.length);
  deflated.copy(kept);
  return kept;
}
