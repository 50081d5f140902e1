/**
 * Outside loopback nothing is served without HTTPS: either this process has the certificate, or a declared proxy ends
 * TLS in front of it. The rule is checked before anything listens, and there is no switch to turn it off.
 * @spec OAuth 2.1 §1.5
 */
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ConfigurationError, type ConfigurationProblem } from '../configuration/configuration-error.js';
import { isLoopbackHost } from '../network/network.js';

export interface TransportSettings {
  /** The URL by which clients reach this process: ISSUER or PUBLIC_URL. */
  readonly publicUrl: string;
  /** Where it listens. */
  readonly host: string;
  readonly tlsCertFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
}

/** Names of the variables, for the problems. */
export interface TransportVariables {
  readonly publicUrl: 'ISSUER' | 'PUBLIC_URL';
}

/** What forbids to start. A setting that is missing or unreadable is left to its own reader. */
export function transportProblems(
  { publicUrl, host, tlsCertFile, tlsKeyFile, trustedProxies }: Partial<TransportSettings>,
  variables: TransportVariables,
): readonly ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const add = (variable: string, problem: string): void => void problems.push({ variable, problem });
  const ownTls = tlsCertFile !== undefined && tlsKeyFile !== undefined;
  if (tlsCertFile !== undefined && tlsKeyFile === undefined) add('TLS_KEY_FILE', 'must be set when TLS_CERT_FILE is');
  if (tlsKeyFile !== undefined && tlsCertFile === undefined) add('TLS_CERT_FILE', 'must be set when TLS_KEY_FILE is');
  if (publicUrl === undefined) return problems;

  const url = new URL(publicUrl);
  if (url.protocol === 'https:') {
    if (!ownTls && (trustedProxies ?? []).length === 0 && problems.length === 0)
      add(
        variables.publicUrl,
        'is https, so set TLS_CERT_FILE and TLS_KEY_FILE, or name in TRUSTED_PROXIES the proxies that end TLS',
      );
    return problems;
  }
  if (!isLoopbackHost(url.hostname)) add(variables.publicUrl, 'must be https unless its host is loopback');
  else if (tlsCertFile !== undefined || tlsKeyFile !== undefined)
    add(variables.publicUrl, 'must be https when TLS files are given');
  if (host !== undefined && !isLoopbackHost(host))
    add('HOST', `must be a loopback address as long as ${variables.publicUrl} is http`);
  return problems;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
  /** Where they were read, to be read there again when they are renewed. */
  readonly from: { readonly tlsCertFile: string; readonly tlsKeyFile: string };
}

/**
 * Certificate chain and key, checked to belong together. Undefined when none are configured.
 * @throws ConfigurationError
 */
export function loadTls(settings: Pick<TransportSettings, 'tlsCertFile' | 'tlsKeyFile'>): TlsFiles | undefined {
  const { tlsCertFile, tlsKeyFile } = settings;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return undefined;
  const cert = readPem('TLS_CERT_FILE', tlsCertFile);
  const key = readPem('TLS_KEY_FILE', tlsKeyFile);
  try {
    createSecureContext({ cert, key });
  } catch {
    throw new ConfigurationError([
      {
        variable: 'TLS_CERT_FILE',
        problem: 'and TLS_KEY_FILE must be a PEM certificate and the private key it is for',
      },
    ]);
  }
  return { cert, key, minVersion: 'TLSv1.2', from: { tlsCertFile, tlsKeyFile } };
}

function readPem(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigurationError([{ variable, problem: 'names a file that cannot be read' }]);
  }
}
