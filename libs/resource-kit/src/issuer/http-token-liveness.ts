import { basic, OAuthError } from '@gatehouse/protocol';
import { type LiveToken, TokenLiveness } from '@gatehouse/token-validation';
import { z } from 'zod';
import { fetchJson } from './fetch-json.js';
import type { IssuerEndpoints } from './issuer-endpoints.js';

/** What this resource server proves to the issuer with. */
export interface ResourceServerCredentials {
  readonly id: string;
  readonly secret: string;
}

const answer = z.object({
  active: z.boolean(),
  /** Without `jkt` it is a binding that we cannot check, and the answer no answer. */
  cnf: z.strictObject({ jkt: z.string() }).optional(),
});

/**
 * Asks the introspection endpoint. Anything but a clear yes or no is no answer, and no answer lets nobody in.
 * @spec RFC 7662 §2; RFC 9449 §6.2
 */
export class HttpTokenLiveness extends TokenLiveness {
  constructor(
    private readonly endpoints: IssuerEndpoints,
    private readonly credentials: ResourceServerCredentials,
  ) {
    super();
  }

  override async ask(token: string): Promise<LiveToken | undefined> {
    try {
      const json = await fetchJson(await this.endpoints.introspection(), {
        method: 'POST',
        headers: {
          authorization: basic(this.credentials.id, this.credentials.secret),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
      });
      const { active, cnf } = answer.parse(json);
      if (!active) return undefined;
      return cnf ? { boundTo: cnf.jkt } : {};
    } catch (cause) {
      this.endpoints.forget();
      throw new OAuthError('temporarily_unavailable', 'issuer_unavailable', { cause, retryAfter: 1 });
    }
  }
}
