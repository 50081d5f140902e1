import { OAuthError } from '@gatehouse/protocol';

export function tooMany(until: Date, now: Date): OAuthError {
  const retryAfter = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  return new OAuthError('too_many_requests', 'rate_limited', { retryAfter });
}
