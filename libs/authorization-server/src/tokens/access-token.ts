import {
  type AccountId,
  type AuthorizationId,
  type ClientId,
  type Clock,
  type KeyId,
  type ResourceIdentifier,
  secondsSinceEpoch,
} from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import { errors, jwtVerify } from 'jose';
import { type KeyObject, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import { type ActorChain, actorChain } from '../exchange/actor-chain.js';
import type { ServerPolicy } from '../server-policy.js';
import type { AccessTokenKeys } from './access-token-keys.js';
import { type SeenToken, SeenTokens } from './seen-tokens.js';
import type { Signer } from './signer.js';

const TYP = 'at+jwt';

const claims = z.object({
  iss: z.string(),
  /** The account, or of a client that acts for itself its own id; the two cannot be mistaken, see client-id.ts. */
  sub: z.string().transform((text) => text as AccountId | ClientId),
  /** The exact identifier of one resource. */
  aud: z.string().transform((text) => text as ResourceIdentifier),
  client_id: z.string().transform((text) => text as ClientId),
  scope: z.string(),
  iat: z.number(),
  exp: z.number(),
  jti: z.string(),
  /** When the person signed in; absent without one. */
  auth_time: z.number().optional(),
  /** How surely; absent without a person. @spec RFC 9470 §6.1 */
  acr: z.string().optional(),
  amr: z.array(z.string()).optional(),
  grant_id: z.uuid().transform((text) => text as AuthorizationId),
  /** Key whose proof must come with the token. @spec RFC 9449 §6.1 */
  cnf: z.strictObject({ jkt: z.string() }).optional(),
  /** Who acts for the subject; present exactly in what an exchange made. @spec RFC 8693 §4.1 */
  act: actorChain.optional(),
});

/** @spec RFC 9068 §2.2; `grant_id` names the authorization, so that a token can be traced and ended. */
export type AccessTokenClaims = z.output<typeof claims>;

/** What an access token is made from. */
export interface AccessTokenOrder {
  readonly authorization: Pick<
    Authorization,
    'id' | 'clientId' | 'accountId' | 'resource' | 'authenticatedAt' | 'session'
  >;
  readonly scopes: readonly string[];
  readonly now: Date;
  /** Key that the request was proved with: the token is of no use without it. @spec RFC 9449 §6 */
  readonly binding?: KeyBinding;
  /** Whose right it is, where that is neither the authorization's account nor its client. */
  readonly subject?: AccountId | ClientId;
  readonly actor?: ActorChain;
  /** Its last moment, if that is sooner than the policy's lifetime. */
  readonly notAfter?: Date;
}

/** Makes access tokens. They are not stored: an authorization can be ended, a token only expires. @spec RFC 9068 §2 */
export class AccessTokenIssuer {
  constructor(
    private readonly by: { readonly issuer: string; readonly policy: ServerPolicy; readonly signer: Signer },
  ) {}

  async issue({
    authorization: { id, clientId, accountId, resource, authenticatedAt, session },
    scopes,
    now,
    binding,
    subject,
    actor,
    notAfter,
  }: AccessTokenOrder): Promise<{ readonly token: string; readonly expiresIn: number }> {
    const iat = secondsSinceEpoch(now);
    const { accessTokenLifetime } = this.by.policy;
    const expiresIn = notAfter ? Math.min(accessTokenLifetime, secondsSinceEpoch(notAfter) - iat) : accessTokenLifetime;
    const content: AccessTokenClaims = {
      iss: this.by.issuer,
      sub: subject ?? accountId ?? clientId,
      aud: resource,
      client_id: clientId,
      scope: formatScope(scopes),
      iat,
      exp: iat + expiresIn,
      jti: randomBytes(16).toString('base64url'),
      ...(authenticatedAt === undefined ? {} : { auth_time: secondsSinceEpoch(authenticatedAt) }),
      ...(session ? { acr: session.acr, amr: [...session.amr] } : {}),
      grant_id: id,
      ...(binding === undefined ? {} : { cnf: { jkt: binding.jkt } }),
      ...(actor === undefined ? {} : { act: actor }),
    };
    return { token: await this.by.signer.sign(content, TYP), expiresIn };
  }
}

/** Reads our own access tokens, for the endpoints at which they come back. */
export class AccessTokenReader {
  readonly #seen = new SeenTokens();

  constructor(
    private readonly by: { readonly issuer: string; readonly clock: Clock; readonly keys: AccessTokenKeys },
  ) {}

  /**
   * Undefined for anything but a living access token of this issuer. What the header says decides nothing but which of
   * our own keys is tried: type, algorithm and issuer are ours to name.
   * @throws whatever the key ring throws: a lost store must not look like a bad token
   */
  async read(token: string): Promise<AccessTokenClaims | undefined> {
    const seen = this.#seen.get(token);
    if (seen && seen.key === (await this.by.keys.verificationKey(seen.kid)))
      return secondsSinceEpoch(this.by.clock.now()) < seen.claims.exp ? seen.claims : undefined;
    let used: Pick<SeenToken, 'kid' | 'key'> | undefined;
    const keyOf = async (kid: string | undefined): Promise<KeyObject> => {
      const key = kid === undefined ? undefined : await this.by.keys.verificationKey(kid as KeyId);
      if (!key) throw new errors.JWKSNoMatchingKey();
      used = { kid: kid as KeyId, key };
      return key;
    };
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => keyOf(kid), {
        algorithms: ['ES256'],
        typ: TYP,
        issuer: this.by.issuer,
        currentDate: this.by.clock.now(),
        requiredClaims: ['exp', 'iat'],
      });
      const read = claims.safeParse(payload).data;
      if (read && used) this.#seen.add(token, { claims: read, ...used });
      return read;
    } catch (cause) {
      if (cause instanceof errors.JOSEError) return undefined;
      throw cause;
    }
  }
}
