import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/**
 * The user code of a complete link has to outlast the sign-in, to be shown in the form for the person to compare. It waits
 * in the interaction, encrypted under the browser's cookie, of which the server keeps only a hash: a copy of the database
 * holds no user code.
 */
export function sealOffered(code: string, browser: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(browser), nonce);
  const sealed = Buffer.concat([cipher.update(code, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws Error for anything that was not sealed for this browser */
export function openOffered(sealed: string, browser: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(browser), bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAuthTag(bytes.subarray(12, 28));
  return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
}

function keyOf(browser: string): Buffer {
  return createHmac('sha256', browser).update('offered-user-code').digest();
}
