// CRC-32 of a text in pieces: the checksum of a whole from the checksums of its parts, without reading them
// again. After crc32_combine of zlib 1.2.12 (Mark Adler): appending n zero bytes multiplies by x^(8n) modulo
// the CRC polynomial, bits reversed.

const polynomial = 0xedb88320;

/** a times b modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (a & bit) {
      product ^= b;
      if ((a & (bit - 1)) === 0) break;
    }
    b = b & 1 ? (b >>> 1) ^ polynomial : b >>> 1;
  }
  return product;
}

/** powers[n] is x to the power of 2^n, modulo the polynomial. */
const powers: number[] = [0x40000000];
for (let n = 1; n < 32; n++) {
  const last = powers[n - 1] as number;
  powers.push(multiply(last, last));
}

/** x to the power of 8 times `bytes`, modulo the polynomial. */
function shift(bytes: number): number {
  let product = 0x80000000;
  // x^(2^32 - 1) is 1, so the exponents repeat and the table can be walked around.
  for (let rest = bytes, n = 3; rest > 0; rest = Math.floor(rest / 2), n++) {
    if (rest % 2 === 1) product = multiply(powers[n % 32] as number, product);
  }
  return product;
}

/** The CRC-32 of A followed by B, from the CRC-32 of each and the length of B in bytes. */
export function combineCrc32(crcOfA: number, crcOfB: number, lengthOfB: number): number {
  return (multiply(shift(lengthOfB), crcOfA) ^ crcOfB) >>> 0;
}
