import { gunzipSync, zstdDecompressSync } from 'node:zlib';

// How payloads begin that are compressed (RFC 1952 2.3.1, RFC 8878 3.1.1); JSON begins otherwise.
const decompressors: readonly (readonly [magic: Buffer, (payload: Uint8Array, limit: number) => Buffer])[] = [
  [Buffer.from([0x1f, 0x8b]), (payload, limit) => gunzipSync(payload, { maxOutputLength: limit })],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), (payload, limit) => zstdDecompressSync(payload, { maxOutputLength: limit })],
];

/** The payload as it was before it was compressed, if it was. Throws where it is damaged, or longer than `limit` bytes. */
export function decompressed(payload: Uint8Array, limit: number): Uint8Array {
  const match = decompressors.find(([magic]) => magic.equals(payload.subarray(0, magic.length)));
  return match === undefined ? payload : match[1](payload, limit);
}
