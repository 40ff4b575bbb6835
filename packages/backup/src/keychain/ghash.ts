const BLOCK_BYTES = 16;

/** The polynomial of GCM, the highest power in the lowest bit. Source: NIST SP 800-38D §6.3. */
const REDUCTION = 0xe1000000;

/** 128 bits as four numbers of 32, the first bits first. */
type Words = [number, number, number, number];

/**
 * The check value of GCM over bytes, without additional data (GHASH of them and their length).
 *
 * Only for what Node cannot do: `crypto` refuses the empty IV of keychain items. Its time depends on the key.
 *
 * @param hashKey 16 bytes: the cipher of the zero block
 */
export function ghash(hashKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  const key = wordsOf(hashKey);
  let hash: Words = [0, 0, 0, 0];
  const block = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    block.fill(0).set(bytes.subarray(at, at + BLOCK_BYTES));
    hash = multiply(sum(hash, wordsOf(block)), key);
  }
  const bits: Words = [0, 0, Math.floor(bytes.length / 2 ** 29), (bytes.length * 8) >>> 0];
  return bytesOf(multiply(sum(hash, bits), key));
}

/** Bit by bit: items are small. Source: NIST SP 800-38D §6.3, algorithm 1. */
function multiply(x: Words, y: Words): Words {
  const product: Words = [0, 0, 0, 0];
  const shifted: Words = [...y];
  for (const word of x) {
    for (let bit = 31; bit >= 0; bit--) {
      if ((word >>> bit) & 1) addTo(product, shifted);
      double(shifted);
    }
  }
  return product;
}

function addTo(sum: Words, other: Words): void {
  sum[0] ^= other[0];
  sum[1] ^= other[1];
  sum[2] ^= other[2];
  sum[3] ^= other[3];
}

function double(words: Words): void {
  const carry = words[3] & 1;
  words[3] = (words[3] >>> 1) | (words[2] << 31);
  words[2] = (words[2] >>> 1) | (words[1] << 31);
  words[1] = (words[1] >>> 1) | (words[0] << 31);
  words[0] = (words[0] >>> 1) ^ (carry ? REDUCTION : 0);
}

function sum(one: Words, other: Words): Words {
  return [one[0] ^ other[0], one[1] ^ other[1], one[2] ^ other[2], one[3] ^ other[3]];
}

function wordsOf(block: Uint8Array): Words {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK_BYTES);
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
}

function bytesOf(words: Words): Uint8Array {
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setInt32(index * 4, word);
  return bytes;
}
