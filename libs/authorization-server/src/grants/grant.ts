import type { AccountId, ClientId, Parameters } from '@gatehouse/protocol';
import type { Authorization, KeyBinding } from '../authorizations/authorization.js';
import type { Identity } from '../openid/id-token.js';
import type { Client, GrantType } from '../clients/client.js';
import type { ActorChain } from '../exchange/actor-chain.js';

/** A request whose client the pipeline has authenticated and found registered for this grant. */
export interface GrantRequest {
  readonly client: Client;
  readonly parameters: Parameters;
  readonly now: Date;
  /** Key that this request was proved with; its access token will be bound to it, whatever the grant. */
  readonly binding?: KeyBinding;
}

/** What a grant found to be due. Nothing has been spent yet: that is what `commit` does. */
export interface PreparedGrant {
  readonly authorization: Pick<
    Authorization,
    'id' | 'clientId' | 'accountId' | 'resource' | 'authenticatedAt' | 'session'
  >;
  /** All that is granted now; the access token may carry fewer of them, see openid/identity-scopes.ts. */
  readonly scopes: readonly string[];
  /** What an ID token would tell, if the scopes ask for one. Undefined: nobody has signed in. */
  readonly identity?: Identity | undefined;
  /** Of an exchange: whose token it is, where that is not the account or client of the authorization; who acts; the kind. */
  readonly subject?: AccountId | ClientId;
  readonly actor?: ActorChain;
  readonly issuedTokenType?: string;
  /** The access token ends then at the latest. */
  readonly expiresAt?: Date;
  /**
   * Spends what was presented, in one conditional write.
   * @throws OAuthError when somebody was faster, or what was true at `prepare` no longer is
   */
  readonly commit: () => Promise<{ readonly refreshToken?: string }>;
}

/** What was presented has been used before by whoever may use it: nothing is due, and what it gave birth to has to end. */
export interface LeakedGrant {
  /** Commits the end before it throws. */
  readonly end: () => Promise<never>;
}

/** A grant says what differs; TokenEndpoint does what all grants share, so that none can forget it. */
export abstract class Grant {
  abstract readonly type: GrantType;
  /** Parameters without which the request is refused. */
  abstract readonly parameters: readonly string[];
  abstract prepare(request: GrantRequest): Promise<PreparedGrant | LeakedGrant>;
}
