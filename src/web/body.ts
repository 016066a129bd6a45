import type { PiecedText } from '../pieces/pieced-text.ts';

/** What an answer sends: one buffer, or pieces that are sent one after the other. Nobody changes any of them. */
export type Body = Buffer | PiecedText;

export function partsOf(body: Body): readonly Buffer[] {
  return Buffer.isBuffer(body) ? [body] : body.pieces.map(({ text }) => text);
}
