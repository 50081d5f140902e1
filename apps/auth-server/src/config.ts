import {
  type ClientTrustPolicy,
  DEFAULT_SERVER_POLICY,
  MAXIMUM_ACCESS_TOKEN_LIFETIME,
  type ServerPolicy,
} from '@gatehouse/authorization-server';
import { SECOND_FACTOR_RULES } from '@gatehouse/identity';
import {
  type ConfigurationOf,
  type Setting,
  connectionUrl,
  count,
  defineConfiguration,
  filePath,
  hostName,
  issuerUrl,
  isLoopbackHost,
  list,
  loadConfiguration,
  logLevel,
  networks,
  onOff,
  oneOf,
  port,
  rateLimit,
  seconds,
  setting,
  transportProblems,
  uriScheme,
} from '@gatehouse/platform';
import { comparableResource, type ResourceIdentifier } from '@gatehouse/protocol';
import { z } from 'zod';

/** Every setting of this app. The only file that reads the environment. */
const limit = (description: string, value: string): Setting<{ readonly limit: number; readonly window: number }> =>
  setting({ schema: rateLimit, description: `${description}; count/seconds`, default: value });

const lifetime = (description: string, value: number, range: { readonly min?: number; readonly max?: number } = {}) =>
  setting({ schema: seconds(range), description: `${description}, in seconds`, default: String(value) });

const resource = z
  .string()
  .refine((text) => comparableResource(text) !== undefined, 'must be an absolute http(s) URL without fragment')
  .transform((text) => text as ResourceIdentifier);

/** A host, or with `*.` all below one. The latter needs two labels more: nobody means all of `com`. */
const domain = z
  .string()
  .regex(
    /^(?:\*(?=\.[^.]+\.)\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/,
    'must be host names in lower case, or *. and a domain',
  );

const clientIdText = z.string().regex(/^[\x21-\x2b\x2d-\x7e]{1,2000}$/, 'must be client ids');

export const configuration = defineConfiguration(
  {
    ISSUER: setting({
      schema: issuerUrl.refine(
        (issuer) => /^https?:\/\/[^/]+(?:\/[A-Za-z0-9._~-]+)*$/.test(issuer),
        'may have a path of letters, digits, dots, underscores, tildes and hyphens only',
      ),
      description: 'Identifier of this authorization server and base of all its URLs, exactly as clients compare it',
      default: 'http://127.0.0.1:4000',
    }),
    HOST: setting({ schema: hostName, description: 'Address to listen on', default: '127.0.0.1' }),
    PORT: setting({ schema: port, description: 'Port to listen on', default: '4000' }),
    DATABASE_URL: setting({
      schema: connectionUrl(['postgres', 'postgresql']),
      description: 'PostgreSQL 17 or later',
      secret: true,
    }),
    DATABASE_POOL_SIZE: setting({
      schema: count({ min: 1, max: 100 }),
      description: 'Most connections to the database',
      default: '8',
    }),
    KEY_ENCRYPTION_KEY_FILE: setting({
      schema: filePath,
      description:
        'File that only its owner may read: keys that seal the signing keys, one a line, newest first, each 32 random bytes in base64url',
    }),
    TLS_CERT_FILE: setting({ schema: filePath, description: 'Certificate chain, PEM', optional: true }),
    TLS_KEY_FILE: setting({ schema: filePath, description: 'Private key of the certificate, PEM', optional: true }),
    TRUSTED_PROXIES: setting({
      schema: networks,
      description:
        'Proxies that end TLS in front of this server and whose X-Forwarded-For is believed; addresses or CIDR ranges, comma-separated',
      optional: true,
    }),
    DEFAULT_RESOURCE: setting({
      schema: resource,
      description: 'Resource of clients that name none; unset: the only enabled one',
      optional: true,
    }),
    ACCESS_TOKEN_LIFETIME: lifetime('Life of an access token', DEFAULT_SERVER_POLICY.accessTokenLifetime, {
      min: 10,
      max: MAXIMUM_ACCESS_TOKEN_LIFETIME,
    }),
    CODE_LIFETIME: lifetime('Life of an authorization code', DEFAULT_SERVER_POLICY.codeLifetime, { max: 600 }),
    REFRESH_IDLE_LIFETIME: lifetime(
      'How long a refresh token may stay unused',
      DEFAULT_SERVER_POLICY.refreshIdleLifetime,
    ),
    REFRESH_RETRY_WINDOW: lifetime(
      'How long after a rotation a client that lost the answer may repeat its request',
      DEFAULT_SERVER_POLICY.refreshRetryWindow,
      { max: 300 },
    ),
    AUTHORIZATION_LIFETIME: lifetime(
      'After this a person is asked again, however busy the client is',
      DEFAULT_SERVER_POLICY.authorizationLifetime,
    ),
    INTERACTION_LIFETIME: lifetime('Time to sign in and decide', DEFAULT_SERVER_POLICY.interactionLifetime, {
      max: 86_400,
    }),
    CLIENT_REGISTRATION: setting({
      schema: oneOf(['open', 'verified', 'closed']),
      description:
        'Which clients may come uninvited: open, all that register or publish a metadata document; verified, those of the allowed domains and ids; closed, none but the pre-registered',
      default: 'open',
    }),
    DYNAMIC_REGISTRATION: setting({
      schema: oneOf(['open', 'token', 'closed']),
      description:
        'Who may use the registration endpoint while CLIENT_REGISTRATION is open: open, anybody; token, holders of an initial access token; closed, nobody. Closed whenever CLIENT_REGISTRATION is not open',
      default: DEFAULT_SERVER_POLICY.registration,
    }),
    UNUSED_CLIENT_BUDGET: setting({
      schema: count({ min: 100, max: 1_000_000 }),
      description:
        'Clients that registered and never completed a flow: when there are more, the ones that waited longest go',
      default: String(DEFAULT_SERVER_POLICY.unusedClientBudget),
    }),
    CLIENT_ALLOWED_DOMAINS: setting({
      schema: list(domain),
      description:
        'Hosts whose client metadata documents are known to be good, *.example.com for all below one; comma-separated',
      optional: true,
    }),
    CLIENT_ALLOWED_IDS: setting({
      schema: list(clientIdText),
      description: 'Ids of clients that are known to be good; comma-separated',
      optional: true,
    }),
    CLIENT_DENIED_DOMAINS: setting({
      schema: list(domain),
      description:
        'Hosts that no client may publish its metadata document or have a redirect URI on, written like the allowed ones; comma-separated',
      optional: true,
    }),
    CLIENT_DENIED_IDS: setting({
      schema: list(clientIdText),
      description: 'Ids of clients that are shut out, whatever else allows them; comma-separated',
      optional: true,
    }),
    CLIENT_DOCUMENTS_FROM_LOOPBACK: setting({
      schema: onOff,
      description:
        'Development only: fetch client metadata documents and keys from this machine too; refused unless ISSUER is on loopback',
      default: 'off',
    }),
    REQUIRE_PUSHED_REQUESTS: setting({
      schema: onOff,
      description: 'Refuse authorization requests that a client did not push to the server before (RFC 9126)',
      default: 'off',
    }),
    DEVICE_AUTHORIZATION: setting({
      schema: onOff,
      description:
        'Let clients that are registered for it ask through a code that a person types into a browser (RFC 8628). Anybody can send a person such a code: leave it off unless there are devices without a browser',
      default: 'off',
    }),
    DPOP_NONCES: setting({
      schema: onOff,
      description:
        'Ask for a nonce of this server in DPoP proofs (RFC 9449), so that none can be made in advance. It costs a client one request more now and then',
      default: DEFAULT_SERVER_POLICY.dpopNonces ? 'on' : 'off',
    }),
    REDIRECT_SCHEMES: setting({
      schema: list(uriScheme),
      description: 'Private-use schemes that redirect URIs may have besides https and loopback http; comma-separated',
      optional: true,
    }),
    LOCAL_SIGN_IN: setting({
      schema: oneOf(['on', 'break-glass', 'off']),
      description:
        'Who may sign in with a password of this server: on, every account that has one; break-glass, accounts that were marked so; off, nobody, so all come through an identity provider. Sessions that there are go on until they end',
      default: 'on',
    }),
    PROVIDERS_FROM_LOOPBACK: setting({
      schema: onOff,
      description:
        'Development only: identity providers may run on this machine, without TLS; refused unless ISSUER is on loopback',
      default: 'off',
    }),
    LOCAL_SECOND_FACTOR: setting({
      schema: oneOf(SECOND_FACTOR_RULES),
      description:
        'Second factors of accounts with a password of this server: off, nobody is asked for one; optional, whoever has one is asked, and clients may ask for it (acr_values); required, whoever has none gets one at the next sign-in',
      default: 'off',
    }),
    SIGN_IN_LIMIT_PER_ACCOUNT_AND_NETWORK: limit('Sign-in attempts for one account from one network', '10/900'),
    SIGN_IN_LIMIT_PER_ACCOUNT: limit('Sign-in attempts for one account', '100/900'),
    SIGN_IN_LIMIT_PER_NETWORK: limit('Sign-in attempts from one network', '300/900'),
    REGISTRATION_LIMIT_PER_NETWORK: limit(
      'New clients that register from one network, and as many requests about registrations; who registers what somebody has registered before is always answered',
      '12000/60',
    ),
    AUTHORIZATION_LIMIT_PER_NETWORK: limit('Authorization requests from one network', '600/60'),
    ADMIN_LIMIT_PER_NETWORK: limit('Requests to the administration API from one network', '600/60'),
    TOKEN_FAILURE_LIMIT: limit(
      'Refused credentials of one client from one network; beyond it what is wrong is answered with 429, and what is right goes through',
      '100/60',
    ),
    TOKEN_LIMIT: limit(
      'Token requests of one client from one network that succeed; counted in each process',
      '12000/60',
    ),
    USER_CODE_LIMIT_PER_ACCOUNT: limit('Codes of devices typed by one account', '10/900'),
    USER_CODE_LIMIT_PER_NETWORK: limit('Codes of devices typed in one network', '100/900'),
    SHUTDOWN_DELAY: setting({
      schema: seconds({ min: 0, max: 60 }),
      description:
        'How long it goes on serving after it was told to stop and has said so at /health/ready, in seconds: time for a load balancer to notice',
      default: '0',
    }),
    LOG_LEVEL: setting({ schema: logLevel, description: 'Least level that is logged', default: 'info' }),
    METRICS_PORT: setting({
      schema: port,
      description: 'Port of the listener for /metrics on HOST; unset: none',
      optional: true,
    }),
  },
  [
    ({ ISSUER, HOST, TLS_CERT_FILE, TLS_KEY_FILE, TRUSTED_PROXIES }) =>
      transportProblems(
        {
          ...(ISSUER === undefined ? {} : { publicUrl: ISSUER }),
          ...(HOST === undefined ? {} : { host: HOST }),
          tlsCertFile: TLS_CERT_FILE,
          tlsKeyFile: TLS_KEY_FILE,
          trustedProxies: TRUSTED_PROXIES,
        },
        { publicUrl: 'ISSUER' },
      ),
    ({ ISSUER, CLIENT_DOCUMENTS_FROM_LOOPBACK }) =>
      CLIENT_DOCUMENTS_FROM_LOOPBACK === true && ISSUER !== undefined && !isLoopbackHost(new URL(ISSUER).hostname)
        ? [{ variable: 'CLIENT_DOCUMENTS_FROM_LOOPBACK', problem: 'must be off unless the host of ISSUER is loopback' }]
        : [],
    ({ ISSUER, PROVIDERS_FROM_LOOPBACK }) =>
      PROVIDERS_FROM_LOOPBACK === true && ISSUER !== undefined && !isLoopbackHost(new URL(ISSUER).hostname)
        ? [{ variable: 'PROVIDERS_FROM_LOOPBACK', problem: 'must be off unless the host of ISSUER is loopback' }]
        : [],
  ],
);

export type Config = ConfigurationOf<typeof configuration>;

/** For the command that only needs the database. */
const { ISSUER, DATABASE_URL, LOG_LEVEL, KEY_ENCRYPTION_KEY_FILE, REDIRECT_SCHEMES, PROVIDERS_FROM_LOOPBACK } =
  configuration.settings;
export const databaseConfiguration = defineConfiguration({ DATABASE_URL, LOG_LEVEL });

/** @throws ConfigurationError with every problem */
export function readDatabaseConfig(): ConfigurationOf<typeof databaseConfiguration> {
  return loadConfiguration(databaseConfiguration, process.env);
}

/** For the commands that store secrets too. */
export const commandConfiguration = defineConfiguration({
  ISSUER,
  DATABASE_URL,
  LOG_LEVEL,
  KEY_ENCRYPTION_KEY_FILE,
  REDIRECT_SCHEMES,
  PROVIDERS_FROM_LOOPBACK,
});

/** @throws ConfigurationError with every problem */
export function readCommandConfig(): ConfigurationOf<typeof commandConfiguration> {
  return loadConfiguration(commandConfiguration, process.env);
}

const { CLIENT_REGISTRATION, CLIENT_ALLOWED_DOMAINS, CLIENT_ALLOWED_IDS, CLIENT_DENIED_DOMAINS, CLIENT_DENIED_IDS } =
  configuration.settings;

/** For the command that explains the access policy: it must know whom this server trusts. */
export const accessConfiguration = defineConfiguration({
  DATABASE_URL,
  LOG_LEVEL,
  CLIENT_REGISTRATION,
  CLIENT_ALLOWED_DOMAINS,
  CLIENT_ALLOWED_IDS,
  CLIENT_DENIED_DOMAINS,
  CLIENT_DENIED_IDS,
});

/** @throws ConfigurationError with every problem */
export function readAccessConfig(): ConfigurationOf<typeof accessConfiguration> {
  return loadConfiguration(accessConfiguration, process.env);
}

/** @throws ConfigurationError with every problem */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  return loadConfiguration(configuration, environment);
}

export function serverPolicyOf(config: Config): ServerPolicy {
  return {
    codeLifetime: config.CODE_LIFETIME,
    accessTokenLifetime: config.ACCESS_TOKEN_LIFETIME,
    refreshIdleLifetime: config.REFRESH_IDLE_LIFETIME,
    authorizationLifetime: config.AUTHORIZATION_LIFETIME,
    refreshRetryWindow: config.REFRESH_RETRY_WINDOW,
    interactionLifetime: config.INTERACTION_LIFETIME,
    registration: config.CLIENT_REGISTRATION === 'open' ? config.DYNAMIC_REGISTRATION : 'closed',
    unusedClientBudget: config.UNUSED_CLIENT_BUDGET,
    requirePushedRequests: config.REQUIRE_PUSHED_REQUESTS,
    pushedRequestLifetime: DEFAULT_SERVER_POLICY.pushedRequestLifetime,
    deviceAuthorization: config.DEVICE_AUTHORIZATION,
    deviceCodeLifetime: DEFAULT_SERVER_POLICY.deviceCodeLifetime,
    devicePollInterval: DEFAULT_SERVER_POLICY.devicePollInterval,
    dpopNonces: config.DPOP_NONCES,
    redirectSchemes: config.REDIRECT_SCHEMES ?? [],
  };
}

export function clientTrustOf(config: ConfigurationOf<typeof accessConfiguration>): ClientTrustPolicy {
  return {
    registration: config.CLIENT_REGISTRATION,
    allowed: { domains: config.CLIENT_ALLOWED_DOMAINS ?? [], clients: config.CLIENT_ALLOWED_IDS ?? [] },
    denied: { domains: config.CLIENT_DENIED_DOMAINS ?? [], clients: config.CLIENT_DENIED_IDS ?? [] },
  };
}
