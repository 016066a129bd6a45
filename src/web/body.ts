/** What an answer sends: one buffer, or pieces that are sent one after the other. Nobody changes any of them. */
export type Body = Buffer | readonly Buffer[];

export function piecesOf(body: Body): readonly Buffer[] {
  return Buffer.isBuffer(body) ? [body] : body;
}

/** Bytes of the whole. */
export function lengthOf(body: Body): number {
  return Buffer.isBuffer(body) ? body.length : body.reduce((sum, piece) => sum + piece.length, 0);
}
