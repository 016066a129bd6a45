/** What an answer sends. Nobody changes it. */
export type Body = Buffer;

export function partsOf(body: Body): readonly Buffer[] {
  return [body];
}
