/** What every resource server is configured with. An app adds its own settings and reads the environment in its config.ts. */
import {
  type ConfigurationProblem,
  type ConfigurationRule,
  defineConfiguration,
  filePath,
  hostName,
  issuerUrl,
  list,
  loadConfiguration,
  logLevel,
  networks,
  onOff,
  originUrl,
  port,
  rateLimit,
  seconds,
  type Setting,
  setting,
  transportProblems,
  type ConfigurationDefinition,
  type ConfigurationOf,
} from '@gatehouse/platform';
import { z } from 'zod';

const serverId = z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be visible ASCII without blanks');

function settings(defaults: { readonly port: string }) {
  return {
    ISSUER: setting({
      schema: issuerUrl,
      description: 'Authorization server whose access tokens are accepted, exactly as its metadata writes it',
      default: 'http://127.0.0.1:4000',
    }),
    PUBLIC_URL: setting({
      schema: originUrl,
      description:
        'Origin by which clients reach this server. With the path of a resource it is the audience of access tokens; requests to another host are refused',
      default: `http://127.0.0.1:${defaults.port}`,
    }),
    HOST: setting({ schema: hostName, description: 'Address to listen on', default: '127.0.0.1' }),
    PORT: setting({ schema: port, description: 'Port to listen on', default: defaults.port }),
    RESOURCE_SERVER_ID: setting({
      schema: serverId,
      description:
        'Name of this resource server at the authorization server. With the secret: tokens are checked for revocation by introspection',
      optional: true,
    }),
    RESOURCE_SERVER_SECRET_FILE: setting({
      schema: filePath,
      description: 'File that only its owner may read, with the secret for introspection',
      optional: true,
    }),
    LIVENESS_SECONDS: setting({
      schema: seconds({ min: 0, max: 300 }),
      description: 'How long a positive introspection answer may be used again: the time that a revocation takes',
      default: '5',
    }),
    DPOP_NONCES: setting({
      schema: onOff,
      description:
        'Whether a proof of possession (DPoP) needs a nonce of this server, so that none can be made in advance. Costs a client one repeated request when it begins; needs RESOURCE_SERVER_SECRET_FILE, from which replicas derive the same nonces',
      default: 'off',
    }),
    DPOP_REQUIRED: setting({
      schema: onOff,
      description:
        'Whether only access tokens are taken that are bound to a key of the client (DPoP). Most MCP clients cannot do that yet',
      default: 'off',
    }),
    ALLOWED_ORIGINS: setting({
      schema: list(originUrl),
      description:
        'Origins of web pages that may call from a browser, comma-separated. PUBLIC_URL may always; on loopback, so may pages of this machine',
      optional: true,
    }),
    TOOL_CALL_LIMIT: setting({
      schema: rateLimit,
      description:
        'Tool calls that one person may make by one client at one resource, as count/seconds; counted in each process',
      default: '600/60',
    }),
    TLS_CERT_FILE: setting({ schema: filePath, description: 'Certificate chain, PEM', optional: true }),
    TLS_KEY_FILE: setting({ schema: filePath, description: 'Private key of the certificate, PEM', optional: true }),
    TRUSTED_PROXIES: setting({
      schema: networks,
      description:
        'Proxies that end TLS in front of this server and whose X-Forwarded-* is believed; addresses or CIDR ranges, comma-separated',
      optional: true,
    }),
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
  } satisfies Record<string, Setting<unknown>>;
}

type Settings = ReturnType<typeof settings>;
export type ResourceServerConfig = ConfigurationOf<ConfigurationDefinition<Settings>>;

interface Defaults {
  readonly port: number;
}

/** With further settings of the app's own, if it has any. */
export function defineResourceServerConfiguration(defaults: Defaults): ConfigurationDefinition<Settings>;
export function defineResourceServerConfiguration<More extends Record<string, Setting<unknown>>>(
  defaults: Defaults,
  more: More,
): ConfigurationDefinition<Settings & More>;
export function defineResourceServerConfiguration(
  { port: ownPort }: Defaults,
  more: Record<string, Setting<unknown>> = {},
): ConfigurationDefinition<Settings> {
  const rule: ConfigurationRule<Settings> = (values) => [
    ...transport(values),
    ...credentials(values),
    ...nonces(values),
  ];
  return defineConfiguration({ ...settings({ port: String(ownPort) }), ...more }, [rule]);
}

function transport(values: Partial<ResourceServerConfig>): readonly ConfigurationProblem[] {
  const { ISSUER, PUBLIC_URL, HOST, TLS_CERT_FILE, TLS_KEY_FILE, TRUSTED_PROXIES } = values;
  return [
    // How the issuer ends TLS is the issuer's business; that it does is ours.
    ...withoutTls('ISSUER', ISSUER),
    ...transportProblems(
      {
        ...(PUBLIC_URL === undefined ? {} : { publicUrl: PUBLIC_URL }),
        ...(HOST === undefined ? {} : { host: HOST }),
        tlsCertFile: TLS_CERT_FILE,
        tlsKeyFile: TLS_KEY_FILE,
        trustedProxies: TRUSTED_PROXIES,
      },
      { publicUrl: 'PUBLIC_URL' },
    ),
  ];
}

function withoutTls(variable: 'ISSUER' | 'PUBLIC_URL', url: string | undefined): readonly ConfigurationProblem[] {
  return transportProblems(url === undefined ? {} : { publicUrl: url }, { publicUrl: variable }).filter(
    ({ problem }) => problem === 'must be https unless its host is loopback',
  );
}

/**
 * For `describe`, which runs where the app is built and there is no certificate yet: of all settings it needs the address.
 * @throws ConfigurationError
 */
export function readPublicUrl(
  { settings: { PUBLIC_URL } }: ConfigurationDefinition<Settings>,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const rule: ConfigurationRule<Pick<Settings, 'PUBLIC_URL'>> = (values) => withoutTls('PUBLIC_URL', values.PUBLIC_URL);
  return loadConfiguration(defineConfiguration({ PUBLIC_URL }, [rule]), environment).PUBLIC_URL;
}

function credentials(values: Partial<ResourceServerConfig>): readonly ConfigurationProblem[] {
  const names = ['RESOURCE_SERVER_ID', 'RESOURCE_SERVER_SECRET_FILE'] as const;
  const missing = names.filter((name) => values[name] === undefined);
  return missing.length === 1
    ? missing.map((variable) => ({
        variable,
        problem: `must be set together with ${names.find((name) => name !== variable) ?? ''}, or neither`,
      }))
    : [];
}

function nonces({
  DPOP_NONCES,
  RESOURCE_SERVER_SECRET_FILE,
}: Partial<ResourceServerConfig>): readonly ConfigurationProblem[] {
  return DPOP_NONCES === true && RESOURCE_SERVER_SECRET_FILE === undefined
    ? [{ variable: 'DPOP_NONCES', problem: 'needs RESOURCE_SERVER_SECRET_FILE' }]
    : [];
}
