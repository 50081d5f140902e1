import { type ClientId, OAuthError } from '@gatehouse/protocol';
import { z } from 'zod';
import { clientId } from '../clients/client-id.js';

/*
 * What callers of the administration may send besides declarations. Members that are not known are refused: a filter that
 * is misspelt, and so ignored, would show more than was meant.
 */

const MOST_OF_A_PAGE = 200;

export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a number')
    .transform(Number)
    .refine((limit) => limit <= MOST_OF_A_PAGE, `must be ${String(MOST_OF_A_PAGE)} at most`)
    .default(50)
    .describe('How many at most, 200 at most'),
  cursor: z.string().max(4000).optional().describe('`next_cursor` of the page before'),
  origin: z.enum(['pre-registered', 'dynamic', 'metadata-document']).optional(),
  disabled: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  name_prefix: z.string().max(100).optional().describe('How the name begins, in whatever case'),
});

export const secretRequest = z.strictObject({
  previous_expires_at: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .optional()
    .describe(
      'Until then the secret before stays good; a day by default, 90 days at most, a time that is over ends it',
    ),
});

export const registrationTokenRequest = z.strictObject({
  label: z
    .string()
    .regex(/^[^\p{C}]{1,100}$/u, 'must be 1 to 100 visible characters')
    .describe('Whom it is for'),
  uses: z.int().min(1).max(100_000).default(1).describe('How many clients it lets in'),
  expires_in: z
    .int()
    .min(1)
    .max(365 * 86_400)
    .default(86_400)
    .describe('Seconds'),
});

/** Where the next page begins. Opaque to callers, and nothing secret: it is the last id of the page before. */
export function cursorAfter(id: ClientId): string {
  return Buffer.from(id).toString('base64url');
}

/** @throws OAuthError invalid_request */
export function readCursor(cursor: string): ClientId {
  const id = clientId(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (id && cursorAfter(id) === cursor) return id;
  throw new OAuthError('invalid_request', 'malformed_request', {
    problems: [{ member: 'cursor', problem: 'must be one that a page has named' }],
  });
}
