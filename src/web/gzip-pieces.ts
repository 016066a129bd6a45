import { constants, crc32, deflateRawSync } from 'node:zlib';

/** Pieces that are compressed in one turn of the event loop: some milliseconds of work. */
const PIECES_IN_A_TURN = 64;

/** RFC 1952: magic number, deflate, no flags, no time, fastest algorithm, unknown operating system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** RFC 1951: a last block, with nothing in it. */
const LAST_BLOCK = Buffer.from([3, 0]);

/**
 * Compresses a text that comes in pieces, most of which are those of the time before: each piece is compressed
 * once, by itself, and ends at a byte (a full flush), so that pieces side by side are one gzip stream.
 */
export class GzipPieces {
  readonly #deflated = new WeakMap<Buffer, Buffer>();

  /** Between pieces that are new the event loop turns, so that nothing else waits for thousands of them. */
  async compress(pieces: readonly Buffer[]): Promise<Buffer> {
    const parts: Buffer[] = [HEADER];
    let checksum = 0;
    let length = 0;
    let fresh = 0;
    for (const piece of pieces) {
      // zlib takes the checksum of nothing for the first one.
      if (piece.length === 0) continue;
      let deflated = this.#deflated.get(piece);
      if (deflated === undefined) {
        deflated = deflate(piece);
        this.#deflated.set(piece, deflated);
        fresh += 1;
        if (fresh % PIECES_IN_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      parts.push(deflated);
      checksum = crc32(piece, checksum);
      length += piece.length;
    }
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum);
    trailer.writeUInt32LE(length % 2 ** 32, 4);
    return Buffer.concat([...parts, LAST_BLOCK, trailer]);
  }
}

function deflate(piece: Buffer): Buffer {
  return deflateRawSync(piece, { level: constants.Z_BEST_SPEED, finishFlush: constants.Z_FULL_FLUSH });
}
