import { after } from '@gatehouse/protocol';
import type { DocumentCopy } from '../client.js';
import type { DocumentAnswer } from './metadata-document-source.js';

/** Seconds. */
export const DOCUMENT_AGE = {
  /** Even when its host forbids to keep it: the pages of one journey, and floods of requests, must not each cost a fetch. */
  least: 60,
  /** When its host says nothing. */
  usual: 900,
  /** A change of redirect URIs or keys is seen after this at the latest. */
  most: 86_400,
  /** A document that could not be had again for so long is gone, and with it the client. */
  stale: 7 * 86_400,
  /** Where a failed fetch does not end the request, the next one comes after this. */
  pause: 30,
} as const;

/** How long the copy counts, by the host's headers within our own bounds. @spec RFC 9111 §4.2, §5.2.2 */
export function documentCopy(answer: DocumentAnswer, now: Date, lastEtag?: string): DocumentCopy {
  const seconds = Math.min(Math.max(freshFor(answer), DOCUMENT_AGE.least), DOCUMENT_AGE.most);
  const etag = answer.etag ?? lastEtag;
  return {
    fetchedAt: now,
    expiresAt: after(now, seconds),
    ...(etag !== undefined && /^(W\/)?"[\x21\x23-\x7e]{0,200}"$/.test(etag) ? { etag } : {}),
  };
}

function freshFor({ cacheControl, age, expires, date }: DocumentAnswer): number {
  const directives = (cacheControl ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.some((directive) => /^no-(store|cache)\b/.test(directive))) return 0;
  const spent = /^\d{1,10}$/.test(age ?? '') ? Number(age) : 0;
  const maxAge = directives.flatMap((directive) => /^max-age="?(\d{1,10})"?$/.exec(directive)?.[1] ?? [])[0];
  if (maxAge !== undefined) return Number(maxAge) - spent;
  if (expires === undefined) return DOCUMENT_AGE.usual;
  const lifetime = (Date.parse(expires) - Date.parse(date ?? '')) / 1000;
  // Neither date readable: "Expires: 0" says expired, and so does nonsense.
  return Number.isFinite(lifetime) ? lifetime - spent : 0;
}
