/**
 * Hashes and keys are base64url in the cores and bytes in the tables: half the index.
 * @throws TypeError for anything but canonical base64url, for then two texts would become the same bytes
 */
export function toBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new TypeError('not canonical base64url');
  return bytes;
}

export function fromBytes(bytes: Buffer): string {
  return bytes.toString('base64url');
}
