import { crc32 } from 'node:zlib';

/** The generator polynomial of CRC-32, lowest power in the highest bit (RFC 1952, section 8). */
const POLYNOMIAL = 0xedb88320;

/** x^0 and x^8 as polynomials whose lowest power stands in the highest bit. */
const ONE = 0x80000000;
const BYTE = 0x00800000;

/** The CRC-32 of a text, and what appending that text does to the checksum of what stands before it. */
export interface Checksum {
  readonly crc: number;
  /** x^(8 · bytes of the text) modulo the generator polynomial. */
  readonly shift: number;
}

export function checksumOf(text: Buffer): Checksum {
  return { crc: text.length === 0 ? 0 : crc32(text), shift: powerOf(BYTE, text.length) };
}

/**
 * The CRC-32 of a text followed by another one, without a look at either: a checksum is a remainder of polynomials,
 * so what stands before is shifted by the length of what follows, and the two are added.
 */
export function appendChecksum(before: number, { crc, shift }: Checksum): number {
  return (multiply(before, shift) ^ crc) >>> 0;
}

function powerOf(base: number, exponent: number): number {
  let power = ONE;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}

/** The product of two polynomials modulo the generator polynomial, by the schoolbook: x by x. */
function multiply(left: number, right: number): number {
  let product = 0;
  let shifted = right;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((left & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return product >>> 0;
}
