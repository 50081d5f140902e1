import type { Brand } from '@gatehouse/protocol';

/** Short name that an operator gave; stands in callback addresses and before the names of groups. */
export type ProviderId = Brand<string, 'ProviderId'>;

export const PROVIDER_KINDS = ['oidc', 'saml', 'ldap'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

/**
 * No dot, so that a name such as `anna@okta` can never be an e-mail address of a real domain. And not `local`: groups below
 * that name are the operator's own.
 */
export const PROVIDER_ID = /^(?!local$)[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** A company's own sign-in. */
export interface IdentityProvider {
  readonly id: ProviderId;
  readonly kind: ProviderKind;
  /** On the button. */
  readonly name: string;
  /** In lower case. Where its people are recognised by their address, and the only domains for whose addresses its word counts. */
  readonly domains: readonly string[];
  /** Whether people who are not known yet get an account when they come. */
  readonly justInTime: boolean;
  /** What the connector of its kind needs; read by that one's own schema. No secret is in it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly disabledAt?: Date;
}

/** As it is stored. */
export interface StoredProvider extends IdentityProvider {
  /** What it shares with nobody else, sealed; see ProviderSecrets. */
  readonly sealedSecrets?: string;
}

/** By name: client secret, private key, password of a bind. */
export type ProviderSecrets = Readonly<Record<string, string>>;

/** As connectors get it. */
export interface ConfiguredProvider extends IdentityProvider {
  readonly secrets: ProviderSecrets;
}
