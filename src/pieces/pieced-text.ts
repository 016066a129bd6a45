import { appendChecksum } from './checksum.ts';
import type { TextPiece } from './text-piece.ts';

/** Pieces that are compressed in one turn of the event loop: some milliseconds of work. */
const PIECES_IN_A_TURN = 64;

/** RFC 1952: magic number, deflate, no flags, no time, fastest algorithm, unknown operating system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** RFC 1951: a last block, with nothing in it. */
const LAST_BLOCK = Buffer.from([3, 0]);

/**
 * A large text that is never put together: most of its pieces are those of the text before it, at hand, also
 * compressed.
 */
export class PiecedText {
  readonly pieces: readonly TextPiece[];
  /** Bytes of the whole. */
  readonly length: number;

  constructor(pieces: readonly TextPiece[]) {
    this.pieces = pieces;
    this.length = pieces.reduce((sum, { text }) => sum + text.length, 0);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.pieces.map(({ text }) => text));
  }

  /**
   * The text as one gzip stream: pieces that end at a byte, side by side. Between pieces that are compressed for the
   * first time the event loop turns, so that nothing else waits for thousands of them.
   */
  async gzip(): Promise<Buffer> {
    const parts: Buffer[] = [HEADER];
    let sum = 0;
    let fresh = 0;
    for (const piece of this.pieces) {
      if (!piece.isCompressed) {
        fresh += 1;
        if (fresh % PIECES_IN_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      const { deflated, checksum } = piece.compressed();
      parts.push(deflated);
      sum = appendChecksum(sum, checksum);
    }
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(sum);
    trailer.writeUInt32LE(this.length % 2 ** 32, 4);
    return Buffer.concat([...parts, LAST_BLOCK, trailer]);
  }
}
