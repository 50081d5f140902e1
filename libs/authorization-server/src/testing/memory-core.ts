import { type AuditEvent, AuditLog } from '@gatehouse/audit';
import { DpopNonces } from '@gatehouse/dpop';
import { after, type KeyId, OAuthError, Parameters } from '@gatehouse/protocol';
import { StoppedClock } from '@gatehouse/protocol/testing';
import { SignJWT } from 'jose';
import { createHash, generateKeyPairSync, hash, type KeyObject } from 'node:crypto';
import { AuthorizationEndpoint } from '../authorize/authorization-endpoint.js';
import type { SignedInPerson } from '../authorize/interaction.js';
import { JourneyEnd } from '../authorize/journey-end.js';
import { RequestChecks } from '../authorize/request-checks.js';
import { ClientAssertions } from '../clients/client-assertion.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { ClientDirectory } from '../clients/client-directory.js';
import { ClientKeys } from '../clients/client-keys.js';
import { type ClientTrustPolicy, OPEN_TO_ALL } from '../clients/client-trust.js';
import { ClientUsage } from '../clients/client-usage.js';
import type { Client } from '../clients/client.js';
import { Secrets } from '../clients/secrets.js';
import { DeviceAuthorizationEndpoint } from '../device/device-authorization-endpoint.js';
import { UserCodeAttempts } from '../device/user-code-attempts.js';
import { UserCodeEntry } from '../device/user-code-entry.js';
import { UserCodes } from '../device/user-code.js';
import { DpopProofs } from '../dpop/dpop-proofs.js';
import { AuthorizationCodeGrant } from '../grants/authorization-code.grant.js';
import { ClientCredentialsGrant } from '../grants/client-credentials.grant.js';
import { DeviceCodeGrant } from '../grants/device-code.grant.js';
import { RefreshTokenGrant } from '../grants/refresh-token.grant.js';
import { TokenExchangeGrant } from '../grants/token-exchange.grant.js';
import { IntrospectionEndpoint } from '../introspection/introspection-endpoint.js';
import { KeyVault } from '../keys/key-vault.js';
import { IdTokenHints } from '../logout/id-token-hints.js';
import { ClientConfigurationEndpoint } from '../registration/client-configuration-endpoint.js';
import { InitialAccessTokens } from '../registration/initial-access-tokens.js';
import { Quarantine } from '../registration/quarantine.js';
import { RegistrationAttempts } from '../registration/registration-attempts.js';
import { PushedRequestEndpoint } from '../pushed-requests/pushed-request-endpoint.js';
import { RegistrationEndpoint } from '../registration/registration-endpoint.js';
import { IdTokenIssuer } from '../openid/id-token.js';
import { OwnAccess } from '../resources/own-access.js';
import { OwnResources } from '../resources/own-resources.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import { RevocationEndpoint } from '../revocation/revocation-endpoint.js';
import { DEFAULT_SERVER_POLICY, type ServerPolicy } from '../server-policy.js';
import { AccessTokenKeys } from '../tokens/access-token-keys.js';
import { AccessTokenIssuer, AccessTokenReader } from '../tokens/access-token.js';
import { Signer } from '../tokens/signer.js';
import { TokenEndpoint } from '../tokens/token-endpoint.js';
import type { MemoryDatabase } from './memory-database.js';
import { memoryStores } from './store-fixture.js';
import { TestDocuments } from './test-documents.js';
import { TestKeySource } from './test-key-source.js';
import { aClient, aPerson, aResource } from './store-seeds.js';

export const ISSUER = 'https://as.example/t1';
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = hash('sha256', VERIFIER, 'base64url');
export const BROWSER = 'ghb_the-browser';
export const REDIRECT = 'http://127.0.0.1:51234/callback';

const KEYS = { current: generateKeyPairSync('ec', { namedCurve: 'P-256' }) };

/** One key, which may be taken away. */
export class TestKeys extends Signer {
  available = true;
  /** `typ` of all that was signed. */
  readonly signed: string[] = [];

  override async sign(claims: Readonly<Record<string, unknown>>, typ: string): Promise<string> {
    if (!this.available) throw new OAuthError('temporarily_unavailable', 'keys_unavailable');
    this.signed.push(typ);
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, kid: 'k1' })
      .sign(KEYS.current.privateKey);
  }
}

export class TestAccessTokenKeys extends AccessTokenKeys {
  override verificationKey(kid: KeyId): Promise<KeyObject | undefined> {
    return Promise.resolve(kid === 'k1' ? KEYS.current.publicKey : undefined);
  }
}

/** Derives from a list of master keys, newest first, as the real one does. */
export class TestVault extends KeyVault {
  masters = ['newest'];

  override derive(purpose: string): readonly Uint8Array[] {
    return this.masters.map((master) => createHash('sha256').update(`${master} ${purpose}`).digest());
  }

  override seal(): string {
    throw new Error('not used by the core');
  }

  override open(): Uint8Array {
    throw new Error('not used by the core');
  }
}

/** As many tries as it is told, by account. */
export class TestAttempts extends UserCodeAttempts {
  most = 10;
  readonly #made = new Map<string, number>();

  override count(accountId: string, _network: string, now: Date): Promise<Date | undefined> {
    const made = (this.#made.get(accountId) ?? 0) + 1;
    this.#made.set(accountId, made);
    return Promise.resolve(made > this.most ? after(now, 900) : undefined);
  }
}

/** Counts new clients of each network; windows are not modelled. */
export class TestRegistrationAttempts extends RegistrationAttempts {
  most = Number.POSITIVE_INFINITY;
  readonly #made = new Map<string, number>();

  override count(network: string, now: Date): Promise<Date | undefined> {
    const made = (this.#made.get(network) ?? 0) + 1;
    this.#made.set(network, made);
    return Promise.resolve(made > this.most ? after(now, 60) : undefined);
  }
}

class MemoryAudit extends AuditLog {
  constructor(private readonly database: MemoryDatabase) {
    super();
  }

  override record(event: AuditEvent): Promise<void> {
    this.database.audit.push(event);
    return Promise.resolve();
  }
}

/** The whole core over one memory database, with a stopped clock. */
export function memoryCore(
  options: {
    readonly policy?: Partial<ServerPolicy>;
    readonly defaultResource?: ProtectedResource;
    readonly trust?: ClientTrustPolicy;
  } = {},
) {
  const policy = { ...DEFAULT_SERVER_POLICY, ...options.policy };
  const stores = memoryStores();
  const { database, codes, authorizations } = stores;
  const clock = new StoppedClock();
  const signer = new TestKeys();
  const vault = new TestVault();
  const by = { issuer: ISSUER, policy, clock, ...stores };
  const secrets = new Secrets(vault);
  const keySource = new TestKeySource();
  const assertions = new ClientAssertions({
    issuer: ISSUER,
    clock,
    keys: new ClientKeys({ clock, source: keySource }),
    replays: stores.assertions,
  });
  const documents = new TestDocuments();
  const trust = options.trust ?? OPEN_TO_ALL;
  const quarantine = new Quarantine(by);
  const directory = new ClientDirectory({ ...by, documents, trust, quarantine });
  const clients = new ClientAuthentication({ ...by, clients: directory, secrets, assertions });
  const target = options.defaultResource ? { defaultResource: options.defaultResource.identifier } : {};
  const proofs = new DpopProofs({
    issuer: ISSUER,
    clock,
    replays: stores.proofs,
    ...(policy.dpopNonces ? { nonces: new DpopNonces(vault.derive('dpop-nonce'), clock) } : {}),
  });
  const accessTokens = new AccessTokenReader({ ...by, keys: new TestAccessTokenKeys() });
  const usage = new ClientUsage(stores.usage);
  const idTokenHints = new IdTokenHints({ ...by, keys: new TestAccessTokenKeys() });
  const signIn = { levels: ['urn:gatehouse:acr:1fa'], hints: idTokenHints };
  const checks = new RequestChecks({ ...by, signIn, ...target });
  const userCodes = new UserCodes(vault);
  const attempts = new TestAttempts();
  const registrationAttempts = new TestRegistrationAttempts();
  const grants = [
    new AuthorizationCodeGrant({ policy, trust, codes, authorizations }),
    new RefreshTokenGrant({ policy, trust, authorizations, vault }),
    new DeviceCodeGrant({ policy, trust, devices: stores.devices }),
    new ClientCredentialsGrant({ policy, resources: stores.resources, authorizations, ...target }),
    new TokenExchangeGrant({ policy, trust, accessTokens, authorizations, exchanges: stores.exchanges }),
  ];
  return {
    ...stores,
    policy,
    clock,
    registrationAttempts,
    signer,
    vault,
    secrets,
    keySource,
    documents,
    directory,
    accessTokens,
    idTokenHints,
    dpop: proofs,
    clientAuthentication: clients,
    authorization: new AuthorizationEndpoint({ ...by, clients: directory, checks, end: new JourneyEnd(by) }),
    pushing: new PushedRequestEndpoint({ ...by, clients, proofs, checks }),
    deviceAuthorization: new DeviceAuthorizationEndpoint({ ...by, clients, checks, userCodes }),
    userCodeEntry: new UserCodeEntry({ ...by, userCodes, attempts, audit: new MemoryAudit(database) }),
    userCodes,
    attempts,
    token: new TokenEndpoint({
      clock,
      clients,
      proofs,
      accessTokens: new AccessTokenIssuer({ ...by, signer }),
      idTokens: new IdTokenIssuer({ ...by, signer }),
      grants,
      usage,
    }),
    registration: new RegistrationEndpoint({ ...by, secrets, quarantine, attempts: registrationAttempts }),
    clientConfiguration: new ClientConfigurationEndpoint({ ...by, secrets }),
    initialAccess: new InitialAccessTokens(by),
    revocation: new RevocationEndpoint({ clock, clients, authorizations, accessTokens }),
    ownResources: new OwnResources(by),
    ownAccess: new OwnAccess({ clock, trust, accessTokens, authorizations, proofs }),
    introspection: new IntrospectionEndpoint({
      issuer: ISSUER,
      trust,
      signer,
      clock,
      resources: stores.resources,
      authorizations,
      accessTokens,
      secrets,
    }),

    client(overrides: Partial<Client> = {}): Client {
      const client = aClient(overrides);
      database.clients.set(client.id, client);
      return client;
    },
    resource(overrides: Partial<ProtectedResource> = {}): ProtectedResource {
      const resource = aResource(overrides);
      database.resources.set(resource.identifier, resource);
      return resource;
    },
    /** A new person who may hand on these scopes. */
    person(resource: ProtectedResource, scopes = ['invoices:read', 'invoices:write']): SignedInPerson {
      const accountId = database.addAccount();
      database.entitlements.set(`${accountId} ${resource.identifier}`, scopes);
      return aPerson(accountId, clock.now());
    },
    auditTypes(): readonly string[] {
      return database.audit.map(({ type }) => type);
    },
  };
}

export type MemoryCore = ReturnType<typeof memoryCore>;

export function form(values: Readonly<Record<string, string | undefined>>): Parameters {
  return new Parameters(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** The parameters of an honest authorization request. */
export function authorizationRequest(
  client: Client,
  resource: ProtectedResource,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Parameters {
  return form({
    client_id: client.id,
    redirect_uri: REDIRECT,
    response_type: 'code',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    resource: resource.identifier,
    scope: 'invoices:read invoices:write',
    state: 'xyz',
    ...overrides,
  });
}

/** A journey up to the code, as an honest person walks it. */
export async function approvedCode(
  core: MemoryCore,
  client: Client,
  resource: ProtectedResource,
  person = core.person(resource),
  overrides: Readonly<Record<string, string | undefined>> = {},
  scopes: readonly string[] = ['invoices:read', 'invoices:write'],
): Promise<string> {
  const parameters = authorizationRequest(client, resource, overrides);
  const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
  const { location } = await core.authorization.decide(interactionId, BROWSER, person, {
    approve: true,
    scopes,
  });
  return new URL(location).searchParams.get('code')!;
}

/** Parties, and what the client got for its code. */
export async function grantedTokens(core: MemoryCore) {
  const client = core.client();
  const resource = core.resource();
  const person = core.person(resource);
  const code = await approvedCode(core, client, resource, person);
  const tokens = await core.token.handle({
    parameters: form({ grant_type: 'authorization_code', client_id: client.id, code, code_verifier: VERIFIER }),
  });
  const [authorization] = [...core.database.authorizations.values()].slice(-1);
  return {
    client,
    resource,
    person,
    code,
    tokens,
    refreshToken: tokens.refresh_token!,
    authorizationId: authorization!.id,
  };
}
