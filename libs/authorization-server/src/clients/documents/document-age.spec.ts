import { after } from '@gatehouse/protocol';
import { describe, expect, it } from '@jest/globals';
import { documentAnswer } from '../../testing/test-documents.js';
import { DOCUMENT_AGE, documentCopy } from './document-age.js';
import type { DocumentAnswer } from './metadata-document-source.js';

const NOW = new Date('2026-05-04T10:00:00.000Z');

function secondsOf(headers: Partial<DocumentAnswer>): number {
  const { expiresAt, fetchedAt } = documentCopy(documentAnswer({}, headers), NOW);
  return (expiresAt.getTime() - fetchedAt.getTime()) / 1000;
}

describe('the age of a copy', () => {
  it.each<[string, Partial<DocumentAnswer>, number]>([
    ['what the host says', { cacheControl: 'public, max-age=3600' }, 3600],
    ['less what a cache between us has used up', { cacheControl: 'max-age=3600', age: '600' }, 3000],
    ['a usual time when the host says nothing', {}, DOCUMENT_AGE.usual],
    ['the least when the host forbids to keep it', { cacheControl: 'no-store' }, DOCUMENT_AGE.least],
    ['the least when it wants to be asked each time', { cacheControl: 'max-age=3600, no-cache' }, DOCUMENT_AGE.least],
    ['the least for zero', { cacheControl: 'max-age=0' }, DOCUMENT_AGE.least],
    ['the most for a year', { cacheControl: 'max-age=31536000, immutable' }, DOCUMENT_AGE.most],
    ['the least when already stale', { cacheControl: 'max-age=60', age: '100000' }, DOCUMENT_AGE.least],
    ['old-fashioned dates', { expires: 'Mon, 04 May 2026 11:00:00 GMT', date: 'Mon, 04 May 2026 10:00:00 GMT' }, 3600],
    ['the least for a date that is none', { expires: '0', date: 'Mon, 04 May 2026 10:00:00 GMT' }, DOCUMENT_AGE.least],
    ['the usual for nonsense', { cacheControl: 'max-age=soon' }, DOCUMENT_AGE.usual],
  ])('is %s (AS-88)', (_, headers, seconds) => {
    expect(secondsOf(headers)).toBe(seconds);
  });

  it('keeps the etag, the last one too when an answer says only that nothing changed', () => {
    expect(documentCopy(documentAnswer({}, { etag: 'W/"v1"' }), NOW).etag).toBe('W/"v1"');
    expect(documentCopy(documentAnswer({}, { status: 304 }), NOW, '"v1"').etag).toBe('"v1"');
    expect(documentCopy(documentAnswer({}), NOW)).toEqual({
      fetchedAt: NOW,
      expiresAt: after(NOW, DOCUMENT_AGE.usual),
    });
  });

  it('sends no header back that could break out of a request', () => {
    for (const etag of ['"a"\r\nx: y', 'unquoted', `"${'x'.repeat(300)}"`])
      expect(documentCopy(documentAnswer({}, { etag }), NOW)).not.toHaveProperty('etag');
  });
});
