/**
 * Whether an `Accept-Encoding` header asks for gzip (RFC 9110, 12.5.3): with a weight above 0, directly or
 * by `*`, and not below that of a named `identity`. No header, and what cannot be read, is no.
 */
export function acceptsGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const element of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = element.split(';').map((part) => part.trim());
    weights.set(coding, weightOf(parameters));
  }
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}

function weightOf(parameters: readonly string[]): number {
  const [weight] = parameters;
  if (weight === undefined) return 1;
  const value = /^q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(weight)?.[1];
  return value === undefined ? 0 : Number(value);
}
