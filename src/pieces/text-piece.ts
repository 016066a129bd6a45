import { constants, deflateRawSync } from 'node:zlib';
import { type Checksum, checksumOf } from './checksum.ts';

/** A piece in deflate form that ends at a byte, so that others can follow, and the checksum of its text. */
export interface CompressedPiece {
  readonly deflated: Buffer;
  readonly checksum: Checksum;
}

/** A piece of a text. It is compressed once, when that is first asked for. Nobody changes it. */
export class TextPiece {
  readonly text: Buffer;
  #compressed: CompressedPiece | undefined;

  constructor(text: string | Buffer) {
    this.text = Buffer.isBuffer(text) ? text : Buffer.from(text);
  }

  /** Whether it was asked for in compressed form. */
  get isCompressed(): boolean {
    return this.#compressed !== undefined;
  }

  compressed(): CompressedPiece {
    this.#compressed ??= { deflated: deflate(this.text), checksum: checksumOf(this.text) };
    return this.#compressed;
  }
}

function deflate(text: Buffer): Buffer {
  const deflated = deflateRawSync(text, {
    level: constants.Z_BEST_SPEED,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  // What zlib returns is a view into 16 KiB of its own, and would keep them.
  const kept = Buffer.allocUnsafeSlow(deflated.length);
  deflated.copy(kept);
  return kept;
}
