import {
  type AccountId,
  after,
  type AuthorizationId,
  type ClientId,
  OAuthError,
  type ResourceIdentifier,
} from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import { stillGranted } from '../openid/identity-scopes.js';
import type { ServerPolicy } from '../server-policy.js';
import type { Authorization, KeyBinding } from './authorization.js';
import { firstRefreshToken } from './refresh-token.js';
import type { SessionContext } from './session-context.js';
import { type Standing, standingProblem } from './standing.js';

/** What a person approved for a client, however the client is to hear of it. */
export interface Approved {
  readonly clientId: ClientId;
  readonly accountId: AccountId;
  readonly resource: ResourceIdentifier;
  readonly scopes: readonly string[];
  readonly authenticatedAt: Date;
  readonly session?: SessionContext;
}

/** A new authorization, with the first token of its family if the client uses refresh tokens. Nothing is stored yet. */
export function birthOf(
  { clientId, accountId, resource, scopes, authenticatedAt, session }: Approved,
  policy: ServerPolicy,
  refreshable: boolean,
  now: Date,
  /** Of the family; see dpop/key-binding.ts. */
  binding?: KeyBinding,
): { readonly authorization: Authorization; readonly refreshToken?: string } {
  const authorization: Authorization = {
    id: randomUUID() as AuthorizationId,
    clientId,
    accountId,
    resource,
    scopes,
    authenticatedAt,
    ...(session ? { session } : {}),
    ...(binding ? { binding } : {}),
    createdAt: now,
    expiresAt: after(now, policy.authorizationLifetime),
  };
  if (!refreshable) return { authorization };
  const idle = Math.min(policy.refreshIdleLifetime, policy.authorizationLifetime);
  const { text, state } = firstRefreshToken(authorization.id, after(now, idle));
  return { authorization: { ...authorization, refresh: state }, refreshToken: text };
}

/**
 * Scopes of the first access token: what was approved and is still the person's to hand on.
 * @throws OAuthError invalid_grant when a party is not active any more, or nothing is left
 */
export function scopesAtBirth({ scopes }: Pick<Approved, 'scopes'>, standing: Standing): readonly string[] {
  const problem = standingProblem(standing);
  if (problem) throw new OAuthError('invalid_grant', problem);
  const entitled = stillGranted(scopes, standing);
  if (entitled.length === 0) throw new OAuthError('invalid_grant', 'scope_not_entitled');
  return entitled;
}
