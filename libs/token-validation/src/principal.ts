import type { AuthorizationId, ClientId, ResourceIdentifier } from '@gatehouse/protocol';

/** Who calls, by what right. Made from a verified token only; it does not hold the token, so nothing can pass it on. */
export interface Principal {
  /** The account at the issuer. Opaque: no name, no e-mail, and no other meaning than "the same one as before". */
  readonly subject: string;
  readonly clientId: ClientId;
  readonly scopes: readonly string[];
  /** What the person approved; absent in tokens of issuers that do not say. */
  readonly authorizationId: AuthorizationId | undefined;
  readonly tokenId: string;
  readonly expiresAt: Date;
  readonly resource: ResourceIdentifier;
  /** Thumbprint of the key that the token is bound to: whoever called has proven that it holds it. */
  readonly boundTo: string | undefined;
  /** When the person last signed in. Absent for a client that acts for itself, or of an issuer that does not say. */
  readonly authenticatedAt: Date | undefined;
  /** How surely they did: `acr` of the token. */
  readonly acr: string | undefined;
  /**
   * Who acts for the subject, by a token that was exchanged: a gateway in between, by its client id. Undefined: the client
   * that the subject let in calls itself. A rule about who may act looks here and nowhere else.
   * @spec RFC 8693 §4.1
   */
  readonly actor: string | undefined;
  /** Who acted before, the last one first. For the record only: access is never decided by them. */
  readonly priorActors: readonly string[];
}
