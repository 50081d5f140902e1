/**
 * What each kind of identity provider is to the rest of the house. A connector speaks its protocol, verifies everything that
 * came, and says who it was; who that is here is for ExternalSignIn to say. Each call ends within ten seconds, whatever
 * the other side does.
 */
import type { ConfiguredProvider, ProviderKind, ProviderSecrets } from './identity-provider.js';

/** A person as an identity provider vouches for them. */
export interface ExternalPerson {
  /** Never changes for the provider, and no two providers have the same one. */
  readonly issuer: string;
  /** Never given to anybody else by that issuer. */
  readonly subject: string;
  readonly email?: string;
  readonly emailVerified: boolean;
  readonly username?: string;
  readonly displayName?: string;
  /** As the provider calls them. */
  readonly groups: readonly string[];
  /** When the person proved who they are, which may have been long before they came here. */
  readonly authenticatedAt: Date;
  readonly amr: readonly string[];
  /** The provider says that there was a second factor, in the way that the operator mapped. */
  readonly strong: boolean;
  /** What the provider calls its own session (`sid`, SessionIndex). */
  readonly upstreamSession?: string;
}

/** Where the browser is sent, and what has to be known when it comes back: kept sealed here, never in the browser. */
export interface Departure {
  readonly location: string;
  readonly memory: Readonly<Record<string, string>>;
}

export interface DepartInput {
  /** Where the provider sends the browser back to. */
  readonly callback: string;
  readonly state: string;
  readonly loginHint?: string;
  /** Seconds since the person proved who they are, at most. */
  readonly maxAge?: number;
  /** The person has to prove it now. */
  readonly anew?: boolean;
}

export interface ArriveInput {
  readonly callback: string;
  /** Whole address that the browser came to. */
  readonly url: string;
  readonly form?: URLSearchParams;
  readonly state: string;
  readonly memory: Readonly<Record<string, string>>;
}

/** Reads settings as an operator wrote them. @throws ZodError-like error whose message names no value */
export interface ConnectorSettings {
  /** Secrets that a provider needs and the operator did not bring: keys of our own. Called before `problems`, at publication. */
  complete(id: string, secrets: ProviderSecrets): Promise<ProviderSecrets>;
  /** What is wrong with them, in our words; empty: nothing. No value is repeated. */
  problems(settings: unknown, secrets: ProviderSecrets): readonly string[];
  /** Asks the provider what it says of itself. @throws SsoProblem */
  probe(provider: ConfiguredProvider): Promise<readonly string[]>;
}

/** The browser goes there and comes back. */
export abstract class RedirectConnector implements ConnectorSettings {
  abstract readonly kind: ProviderKind;
  complete(_id: string, secrets: ProviderSecrets): Promise<ProviderSecrets> {
    return Promise.resolve(secrets);
  }
  abstract problems(settings: unknown, secrets: ProviderSecrets): readonly string[];
  abstract probe(provider: ConfiguredProvider): Promise<readonly string[]>;
  /** @throws SsoProblem */
  abstract depart(provider: ConfiguredProvider, input: DepartInput): Promise<Departure>;
  /** @throws SsoProblem */
  abstract arrive(provider: ConfiguredProvider, input: ArriveInput): Promise<ExternalPerson>;
}

/** Name and password are typed here and checked there. */
export abstract class PasswordConnector implements ConnectorSettings {
  abstract readonly kind: ProviderKind;
  complete(_id: string, secrets: ProviderSecrets): Promise<ProviderSecrets> {
    return Promise.resolve(secrets);
  }
  abstract problems(settings: unknown, secrets: ProviderSecrets): readonly string[];
  abstract probe(provider: ConfiguredProvider): Promise<readonly string[]>;
  /** Undefined: unknown name or wrong password. @throws SsoProblem */
  abstract check(provider: ConfiguredProvider, username: string, password: string): Promise<ExternalPerson | undefined>;
}

export type Connector = RedirectConnector | PasswordConnector;

/** The connectors of this deployment, looked up by kind. */
export class Connectors {
  readonly #byKind: ReadonlyMap<ProviderKind, Connector>;

  constructor(connectors: readonly Connector[]) {
    this.#byKind = new Map(connectors.map((connector) => [connector.kind, connector]));
  }

  of(kind: ProviderKind): Connector | undefined {
    return this.#byKind.get(kind);
  }
}
