import type { Parameters } from '@gatehouse/protocol';
import type { Authorization } from '../authorizations/authorization.js';
import type { Client, GrantType } from '../clients/client.js';

/** A request whose client the pipeline has authenticated and found registered for this grant. */
export interface GrantRequest {
  readonly client: Client;
  readonly parameters: Parameters;
  readonly now: Date;
}

/** What a grant found to be due. Nothing has been spent yet: that is what `commit` does. */
export interface PreparedGrant {
  readonly authorization: Pick<Authorization, 'id' | 'clientId' | 'accountId' | 'resource' | 'authenticatedAt'>;
  /** Scopes of the access token. */
  readonly scopes: readonly string[];
  /**
   * Spends what was presented, in one conditional write.
   * @throws OAuthError when somebody was faster, or what was true at `prepare` no longer is
   */
  readonly commit: () => Promise<{ readonly refreshToken?: string }>;
}

/** A grant says what differs; TokenEndpoint does what all grants share, so that none can forget it. */
export abstract class Grant {
  abstract readonly type: GrantType;
  /** Parameters without which the request is refused. */
  abstract readonly parameters: readonly string[];
  abstract prepare(request: GrantRequest): Promise<PreparedGrant>;
}
