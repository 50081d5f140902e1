import { describe, expect, it } from '@jest/globals';
import { OAUTH_ERROR_CODES, OAuthError, errorDescription } from './oauth-error.js';

describe('OAuthError', () => {
  it('says the same sentence for a code whatever the reason and cause', () => {
    const cause = new Error('select * from secrets');
    const error = new OAuthError('invalid_grant', 'refresh_token_reused', { cause });
    expect(error.description).toBe(errorDescription('invalid_grant'));
    expect(error.description).not.toContain('secrets');
    expect(error.cause).toBe(cause);
    expect(error).toMatchObject({ code: 'invalid_grant', reason: 'refresh_token_reused', status: 400 });
  });

  it('lets the thrower choose the status and when to come back', () => {
    expect(new OAuthError('invalid_client', 'unknown_client', { status: 400 }).status).toBe(400);
    expect(new OAuthError('too_many_requests', 'rate_limited', { retryAfter: 7 })).toMatchObject({
      status: 429,
      retryAfter: 7,
    });
  });

  it('has a printable sentence without quotes for every code, fit for error_description', () => {
    for (const code of OAUTH_ERROR_CODES) expect(errorDescription(code)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});
