import { after, OAuthError, sameResource } from '@gatehouse/protocol';
import { includesAll } from '@gatehouse/scopes';
import { trustedStanding } from '../access/trusted-standing.js';
import type { Authorization, KeyBinding, RefreshState } from '../authorizations/authorization.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import {
  parseRefreshToken,
  placeOf,
  type RefreshToken,
  type RefreshTokenPlace,
  successorAgain,
  successorOf,
} from '../authorizations/refresh-token.js';
import { type Standing, standingProblem } from '../authorizations/standing.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import { bindingDetail, requireBoundKey } from '../dpop/key-binding.js';
import type { KeyVault } from '../keys/key-vault.js';
import { chosenScopes, stillGranted } from '../openid/identity-scopes.js';
import { identityOf } from '../openid/id-token.js';
import { requestedResource } from '../resources/requested-resource.js';
import { requestedScopes } from '../scopes/requested-scopes.js';
import type { ServerPolicy } from '../server-policy.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

interface Refreshable extends Authorization {
  readonly refresh: RefreshState;
}

/**
 * Rotation that ends a family when a token is stolen, and never because a client lost an answer or raced itself.
 * Everything a stranger could do with a wrong token is refused before anything is written; a bad request burns nothing.
 * Costs two store calls, read and write; a retry costs one more.
 * @spec OAuth 2.1 §4.3; RFC 9700 §4.14
 */
export class RefreshTokenGrant extends Grant {
  override readonly type = 'refresh_token';
  override readonly parameters = ['refresh_token'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly trust: ClientTrustPolicy;
      readonly authorizations: AuthorizationStore;
      readonly vault: KeyVault;
    },
  ) {
    super();
  }

  override async prepare({ client, parameters, now, binding }: GrantRequest): Promise<PreparedGrant> {
    const token = parseRefreshToken(parameters.require('refresh_token'));
    if (!token) throw new OAuthError('invalid_grant', 'malformed_refresh_token');
    const found = await this.#find(token);
    const { authorization } = found;

    // Neither a token that only names a family, nor one in the hands of another client or without its key, may end anything.
    const place = placeOf(token, authorization.refresh);
    if (place === 'forged') throw new OAuthError('invalid_grant', 'forged_refresh_token');
    if (authorization.clientId !== client.id) throw new OAuthError('invalid_grant', 'refresh_token_of_other_client');

    requireBoundKey(authorization.binding, binding);
    const standing = trustedStanding(found.standing, this.by.trust, client);

    refuseIfOver(authorization, standing, place, now);
    const asked = requestedScopes(parameters) ?? authorization.scopes;
    if (!includesAll(authorization.scopes, asked) || chosenScopes(authorization.scopes, asked).length === 0)
      throw new OAuthError('invalid_scope', 'scope_not_granted');
    const resource = requestedResource(parameters);
    if (resource !== undefined && !sameResource(resource, authorization.resource))
      throw new OAuthError('invalid_target', 'resource_not_granted');
    const scopes = stillGranted(authorization.scopes, standing, asked);
    if (scopes.length === 0) throw new OAuthError('invalid_grant', 'scope_not_entitled');

    const identity = identityOf(authorization, standing);
    return { authorization, scopes, identity, commit: () => this.#spend(token, place, authorization, now, binding) };
  }

  async #spend(
    token: RefreshToken,
    place: RefreshTokenPlace,
    authorization: Refreshable,
    now: Date,
    shown: KeyBinding | undefined,
  ): Promise<{ readonly refreshToken: string }> {
    if (place === 'current') {
      const rotated = await this.#rotate(token, authorization, now, shown);
      if (rotated !== undefined) return { refreshToken: rotated };
    }
    if (place !== 'older') {
      const again = await this.#answerAgain(token, authorization, now, shown);
      if (again !== undefined) return { refreshToken: again };
    }
    return this.#end(token, now);
  }

  async #rotate(
    token: RefreshToken,
    authorization: Refreshable,
    now: Date,
    shown: KeyBinding | undefined,
  ): Promise<string | undefined> {
    const [pepper] = this.by.vault.derive('refresh-successor');
    if (!pepper) throw new OAuthError('temporarily_unavailable', 'keys_unavailable');
    const idleEnd = after(now, this.by.policy.refreshIdleLifetime);
    const successor = successorOf(token, authorization.refresh, pepper, {
      rotatedAt: now,
      idleExpiresAt: idleEnd < authorization.expiresAt ? idleEnd : authorization.expiresAt,
    });
    const audit = {
      ...auditIds(authorization),
      type: 'refresh.rotated',
      at: now,
      detail: { generation: successor.state.generation, ...bindingDetail(shown) },
    } as const;
    const won = await this.by.authorizations.rotate(authorization.id, token.hash, successor.state, audit, now);
    return won ? successor.text : undefined;
  }

  /** The loser of a race and the client that lost an answer get what the winner got. */
  async #answerAgain(
    token: RefreshToken,
    authorization: Refreshable,
    now: Date,
    shown: KeyBinding | undefined,
  ): Promise<string | undefined> {
    const audit = {
      ...auditIds(authorization),
      type: 'refresh.answered_again',
      at: now,
      detail: { generation: token.generation, ...bindingDetail(shown) },
    } as const;
    const notBefore = after(now, -this.by.policy.refreshRetryWindow);
    const state = await this.by.authorizations.confirmRetry(authorization.id, token.hash, notBefore, audit, now);
    if (!state) return undefined;
    const text = successorAgain(token, state, this.by.vault.derive('refresh-successor'));
    // While a new key-encryption key is rolled out, another replica may know the pepper this one lacks.
    if (text === undefined) throw new OAuthError('temporarily_unavailable', 'successor_underivable');
    return text;
  }

  /**
   * A genuine token was neither spent nor confirmed. Read again to say why: the authorization may have ended, or a party
   * been disabled, between our read and our write, and that is no theft. Otherwise the family ends, and that is
   * committed before the refusal is thrown.
   */
  async #end(token: RefreshToken, now: Date): Promise<never> {
    const { authorization, standing } = await this.#find(token);
    const place = placeOf(token, authorization.refresh);
    refuseIfOver(authorization, standing, place, now);
    if (place === 'current') throw new OAuthError('temporarily_unavailable', 'unexpected');
    await this.by.authorizations.revoke(authorization.id, 'refresh_token_reused', {
      ...auditIds(authorization),
      type: 'refresh.reused',
      at: now,
      reason: 'refresh_token_reused',
      detail: {
        generation: token.generation,
        currentGeneration: authorization.refresh.generation,
        why: place === 'previous' ? 'retry window over' : 'successor already used',
      },
    });
    throw new OAuthError('invalid_grant', 'refresh_token_reused');
  }

  async #find({ authorizationId }: RefreshToken): Promise<{ authorization: Refreshable; standing: Standing }> {
    const found = await this.by.authorizations.find(authorizationId);
    const refresh = found?.authorization.refresh;
    if (!found || !refresh) throw new OAuthError('invalid_grant', 'unknown_refresh_token');
    return { authorization: { ...found.authorization, refresh }, standing: found.standing };
  }
}

function refuseIfOver(authorization: Refreshable, standing: Standing, place: RefreshTokenPlace, now: Date): void {
  if (authorization.revoked) throw new OAuthError('invalid_grant', 'authorization_revoked');
  if (now >= authorization.expiresAt) throw new OAuthError('invalid_grant', 'authorization_expired');
  const problem = standingProblem(standing);
  if (problem) throw new OAuthError('invalid_grant', problem);
  const idle = now >= authorization.refresh.idleExpiresAt;
  if (idle && place === 'current') throw new OAuthError('invalid_grant', 'refresh_token_expired');
}

function auditIds({ id, clientId, accountId, resource }: Authorization) {
  return { authorizationId: id, clientId, accountId, resource };
}
