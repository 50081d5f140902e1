import {
  after,
  type AuthorizationId,
  OAuthError,
  type ResourceIdentifier,
  secondsSinceEpoch,
} from '@gatehouse/protocol';
import { includesAll, intersect, parseScope, ScopeCatalogue } from '@gatehouse/scopes';
import { randomUUID } from 'node:crypto';
import { trustedFound } from '../access/trusted-standing.js';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import type { AuthorizationStore } from '../authorizations/authorization.store.js';
import { endOf } from '../authorizations/living.js';
import type { ClientTrustPolicy } from '../clients/client-trust.js';
import { type Client, TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import { bindingDetail } from '../dpop/key-binding.js';
import { extendedBy } from '../exchange/actor-chain.js';
import { exchangeRequest } from '../exchange/exchange-request.js';
import { type ExchangeRule, ruleBetween, warrantedScopes } from '../exchange/exchange-rule.js';
import type { ExchangeStore, ExchangeSubject } from '../exchange/exchange.store.js';
import { stillGranted } from '../openid/identity-scopes.js';
import { isOwnResource } from '../resources/own-resources.js';
import type { ServerPolicy } from '../server-policy.js';
import type { AccessTokenClaims, AccessTokenReader } from '../tokens/access-token.js';
import { Grant, type GrantRequest, type PreparedGrant } from './grant.js';

/**
 * A gateway exchanges the token it was called with for one that is good at the server behind it, instead of passing it on.
 * Along a rule of its registration, and never otherwise: the new token is for a resource that the rule names, each of its
 * scopes is warranted by a scope of the old one, it ends no later, and says who acts. No refresh token.
 * What is behind the old token is judged anew, as introspection would. The new authorization hangs on it: whatever ends
 * the one ends the other.
 * Costs two store calls, read and write; one more with an actor token.
 * @spec RFC 8693 §2, §4.1, §5
 * @see docs/decisions/0016-token-exchange.md
 */
export class TokenExchangeGrant extends Grant {
  override readonly type = TOKEN_EXCHANGE_GRANT;
  override readonly parameters = ['subject_token', 'subject_token_type'];

  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly trust: ClientTrustPolicy;
      readonly accessTokens: AccessTokenReader;
      readonly authorizations: AuthorizationStore;
      readonly exchanges: ExchangeStore;
    },
  ) {
    super();
  }

  override async prepare({ client, parameters, now, binding }: GrantRequest): Promise<PreparedGrant> {
    refuseUnlessDeclared(client);
    const asked = exchangeRequest(parameters);
    const token = await this.#read(asked.subjectToken, client);
    const rule = ruleBetween(client, token.aud, asked.target);
    if (!rule) throw new OAuthError('invalid_target', 'exchange_not_declared');
    refuseUnlessProved(token, rule, binding);
    const actor = extendedBy(client.id, token.act);
    if (asked.actorToken !== undefined) await this.#refuseOtherActor(asked.actorToken, client, now, binding);

    const found = await this.by.exchanges.subject(token.grant_id, { client: client.id, resource: rule.to });
    if (!found) throw new OAuthError('invalid_request', 'unusable_subject_token');
    const subject = trustedFound(found, this.by.trust);
    const end = endOf(subject, { now, trust: this.by.trust });
    if (end) throw new OAuthError('invalid_request', end);
    refuseUnlessTarget(subject, rule.to);
    const scopes = exchangedScopes(token, rule, subject, asked.scopes);

    const derived = this.#derived(token, subject.authorization, { client, resource: rule.to, scopes, now });
    return {
      authorization: derived,
      subject: token.sub,
      actor,
      expiresAt: derived.expiresAt,
      issuedTokenType: asked.issuedTokenType,
      scopes,
      commit: () => this.#derive(derived, token, now, binding),
    };
  }

  /** Only what came to a place from which this client may exchange is looked at any further. */
  async #read(text: string, { exchanges = [] }: Client): Promise<AccessTokenClaims> {
    const token = await this.by.accessTokens.read(text);
    if (!token) throw new OAuthError('invalid_request', 'unusable_subject_token');
    if (!exchanges.some(({ from }) => from === token.aud))
      throw new OAuthError('invalid_request', 'subject_token_not_exchangeable');
    return token;
  }

  /**
   * The client itself acts, and has said so by authenticating: an actor token can only say the same again. One of anybody
   * else would let a client hide behind another.
   */
  async #refuseOtherActor(text: string, client: Client, now: Date, binding: KeyBinding | undefined): Promise<void> {
    const token = await this.by.accessTokens.read(text);
    if (!token) throw new OAuthError('invalid_request', 'unusable_actor_token');
    if (token.sub !== client.id || token.client_id !== client.id || token.act)
      throw new OAuthError('invalid_request', 'actor_token_of_other_client');
    const found = await this.by.authorizations.find(token.grant_id);
    const over = !found || endOf(found, { now, trust: this.by.trust }) !== undefined;
    if (over || (token.cnf && token.cnf.jkt !== binding?.jkt))
      throw new OAuthError('invalid_request', 'unusable_actor_token');
  }

  #derived(
    token: AccessTokenClaims,
    parent: Authorization,
    to: {
      readonly client: Client;
      readonly resource: ResourceIdentifier;
      readonly scopes: readonly string[];
      readonly now: Date;
    },
  ): Authorization & { readonly parent: AuthorizationId } {
    const ends = [after(to.now, this.by.policy.accessTokenLifetime), new Date(token.exp * 1000), parent.expiresAt];
    const expiresAt = new Date(Math.min(...ends.map((end) => end.getTime())));
    if (secondsSinceEpoch(expiresAt) <= secondsSinceEpoch(to.now))
      throw new OAuthError('invalid_request', 'authorization_expired');
    const { accountId, authenticatedAt, session } = parent;
    return {
      id: randomUUID() as AuthorizationId,
      parent: parent.id,
      clientId: to.client.id,
      ...(accountId === undefined ? {} : { accountId }),
      ...(authenticatedAt === undefined ? {} : { authenticatedAt }),
      ...(session === undefined ? {} : { session }),
      resource: to.resource,
      scopes: to.scopes,
      createdAt: to.now,
      expiresAt,
    };
  }

  async #derive(
    derived: Authorization & { readonly parent: AuthorizationId },
    token: AccessTokenClaims,
    now: Date,
    binding: KeyBinding | undefined,
  ): Promise<Record<string, never>> {
    const { id, parent, clientId, accountId, resource, scopes } = derived;
    const audit = {
      type: 'token.exchanged',
      at: now,
      clientId,
      ...(accountId === undefined ? {} : { accountId }),
      authorizationId: id,
      resource,
      scopes,
      detail: { parent, from: token.aud, ...bindingDetail(binding) },
    } as const;
    if (await this.by.exchanges.derive(derived, audit, now)) return {};
    // Between our read and our write the subject's authorization ended, or a party was disabled.
    throw new OAuthError('invalid_request', 'authorization_revoked');
  }
}

/** Whoever knows the id of a public client could exchange as it; whoever registered itself was declared by nobody. */
function refuseUnlessDeclared({ origin, authMethod }: Client): void {
  if (origin !== 'pre-registered') throw new OAuthError('unauthorized_client', 'client_not_pre_registered');
  if (authMethod === 'none') throw new OAuthError('unauthorized_client', 'wrong_client_auth_method');
}

/**
 * What is bound to a key is worth nothing without it, and what comes of it is bound again. A resource server that was
 * called with such a token has seen the proof and does not have the key: it proves its own, where a rule says that it runs
 * the place.
 * @spec RFC 9449 §6
 */
function refuseUnlessProved({ cnf }: AccessTokenClaims, rule: ExchangeRule, binding: KeyBinding | undefined): void {
  if (!cnf) return;
  const proved = binding && (binding.jkt === cnf.jkt || rule.acceptsBoundTokens === true);
  if (!proved) throw new OAuthError('invalid_request', 'subject_token_bound');
}

/**
 * Never this server's own resources. And never back to where the line has been: rules that do no harm one by one could
 * add up to more there than the person gave. Narrowing at the same resource is no way back.
 */
function refuseUnlessTarget(
  { authorization, ancestors, serverId, target }: ExchangeSubject,
  resource: ResourceIdentifier,
): void {
  if (target.standing !== 'active') throw new OAuthError('invalid_target', `${target.standing}_resource`);
  if ([serverId, target.serverId].some((id) => id !== undefined && isOwnResource({ serverId: id })))
    throw new OAuthError('invalid_target', 'exchange_not_declared');
  if (resource !== authorization.resource && ancestors.some((ancestor) => ancestor.resource === resource))
    throw new OAuthError('invalid_target', 'actor_chain_cyclic');
}

/**
 * What the rule warrants for the scopes that the token holds and its owner still has, with those that they include, as far
 * as the target knows them and the owner has them there too. A scope that was asked for by name and is not warranted is refused, not left out.
 */
function exchangedScopes(
  token: AccessTokenClaims,
  rule: ExchangeRule,
  { standing, sourceScopes, target }: ExchangeSubject,
  asked: readonly string[] | undefined,
): readonly string[] {
  const held = stillGranted(parseScope(token.scope) ?? [], standing);
  const warranted = warrantedScopes(rule, [...new ScopeCatalogue(sourceScopes).closure(held)]);
  if (warranted.length === 0 || !includesAll(warranted, asked ?? []))
    throw new OAuthError('invalid_scope', 'scope_not_warranted');
  const scopes = intersect(intersect(asked ?? warranted, target.scopes), target.entitledScopes);
  if (scopes.length === 0) throw new OAuthError('invalid_scope', 'scope_not_entitled');
  return scopes;
}
