import { type AccountId, type ClientId, type KeyId } from '@gatehouse/protocol';
import { compactVerify, errors } from 'jose';
import { z } from 'zod';
import type { AccessTokenKeys } from '../tokens/access-token-keys.js';

/** `typ` of our ID tokens. An access token or a logout token, which the same keys sign, is no hint. @spec RFC 8725 §3.11 */
const TYP = 'JWT';
const LONGEST = 8_192;

const claims = z.object({
  iss: z.string(),
  sub: z.string().transform((text) => text as AccountId),
  aud: z.string().transform((text) => text as ClientId),
  sid: z.string().optional(),
});

/** Of which person, for which client and in which session an ID token was given out. */
export interface IdTokenHint {
  readonly accountId: AccountId;
  readonly clientId: ClientId;
  readonly sid?: string;
}

/**
 * Reads our own ID tokens when they come back as a hint. An expired one is as good as a living one: it opens nothing, it
 * only says whom the client means. What was not signed with one of our keys says nothing.
 * @spec OpenID Connect Core §3.1.2.1; OpenID Connect RP-Initiated Logout 1.0 §2, §4
 */
export class IdTokenHints {
  constructor(private readonly by: { readonly issuer: string; readonly keys: AccessTokenKeys }) {}

  /**
   * Undefined for anything but an ID token of this issuer, also for one whose key has been withdrawn since.
   * @throws whatever the key ring throws: a lost store must not look like a bad token
   */
  async read(token: string): Promise<IdTokenHint | undefined> {
    if (token.length > LONGEST) return undefined;
    try {
      const { payload, protectedHeader } = await compactVerify(token, ({ kid }) => this.#key(kid), {
        algorithms: ['ES256'],
      });
      if (protectedHeader.typ !== TYP) return undefined;
      const said = claims.safeParse(JSON.parse(new TextDecoder().decode(payload))).data;
      if (said?.iss !== this.by.issuer) return undefined;
      return { accountId: said.sub, clientId: said.aud, ...(said.sid === undefined ? {} : { sid: said.sid }) };
    } catch (cause) {
      if (cause instanceof errors.JOSEError || cause instanceof SyntaxError) return undefined;
      throw cause;
    }
  }

  async #key(kid: string | undefined) {
    const key = kid === undefined ? undefined : await this.by.keys.verificationKey(kid as KeyId);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  }
}
