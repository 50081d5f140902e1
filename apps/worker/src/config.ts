import { DEFAULT_KEY_POLICY, type KeyPolicy, keyPolicy, keyPolicyProblems } from '@gatehouse/authorization-server';
import { QUEUE_URL_SCHEMES } from '@gatehouse/jobs';
import {
  type ConfigurationOf,
  type ConfigurationProblem,
  connectionUrl,
  count,
  defineConfiguration,
  filePath,
  hostName,
  isLoopbackHost,
  issuerUrl,
  loadConfiguration,
  logLevel,
  onOff,
  port,
  seconds,
  setting,
} from '@gatehouse/platform';
import { RETENTION } from './cleanup/retention.js';

/** Every setting of this app. The only file that reads the environment. */
const DATABASE_URL = setting({
  schema: connectionUrl(['postgres', 'postgresql']),
  description: 'PostgreSQL 17 or later',
  secret: true,
});
const QUEUE_URL = setting({
  schema: connectionUrl(QUEUE_URL_SCHEMES),
  description: 'Carrier of the job queues: PostgreSQL, or Redis or Valkey; unset: the database',
  optional: true,
  secret: true,
});
const LOG_LEVEL = setting({ schema: logLevel, description: 'Least level that is logged', default: 'info' });

/** Each value of the policy and the variable that sets it. The slack is not for operators to narrow. */
const POLICY_VARIABLES: Partial<Record<keyof KeyPolicy, string>> = {
  rotationInterval: 'KEY_ROTATION_INTERVAL',
  publishLead: 'KEY_PUBLISH_LEAD',
};

export const configuration = defineConfiguration(
  {
    DATABASE_URL,
    QUEUE_URL,
    KEY_ENCRYPTION_KEY_FILE: setting({
      schema: filePath,
      description:
        'File that only its owner may read: keys that seal the signing keys, one a line, newest first, each 32 random bytes in base64url',
    }),
    KEY_ROTATION_INTERVAL: setting({
      schema: seconds(),
      description: 'Age at which a signing key gets its successor, in seconds',
      default: String(DEFAULT_KEY_POLICY.rotationInterval),
    }),
    KEY_PUBLISH_LEAD: setting({
      schema: seconds(),
      description: 'How long a signing key is published before it signs, in seconds',
      default: String(DEFAULT_KEY_POLICY.publishLead),
    }),
    CLEANUP_INTERVAL: setting({
      schema: seconds({ min: 1, max: 86_400 }),
      description: 'Time between two clean-ups of expired records, in seconds',
      default: '300',
    }),
    CLEANUP_BATCH: setting({
      schema: count({ min: 1, max: 50_000 }),
      description: 'Most rows that one statement of the clean-up deletes',
      default: '1000',
    }),
    AUDIT_RETENTION: setting({
      schema: seconds({ min: 30 * 86_400 }),
      description: 'How long audit events are kept, in seconds; older ones are deleted for good, so export them before',
      default: String(RETENTION.audit_events),
    }),
    ISSUER: setting({
      schema: issuerUrl,
      description:
        'Identifier of the authorization server, byte for byte as it is set there: clients are told by it who speaks',
    }),
    LOGOUT_TO_LOOPBACK: setting({
      schema: onOff,
      description:
        'Development only: tell clients on this machine too that a session has ended; refused unless ISSUER is on loopback',
      default: 'off',
    }),
    HOST: setting({ schema: hostName, description: 'Address of the metrics listener', default: '127.0.0.1' }),
    TLS_CERT_FILE: setting({
      schema: filePath,
      description: 'Certificate chain of the metrics listener, PEM; needed unless HOST is loopback',
      optional: true,
    }),
    TLS_KEY_FILE: setting({ schema: filePath, description: 'Private key of the certificate, PEM', optional: true }),
    LOG_LEVEL,
    METRICS_PORT: setting({
      schema: port,
      description: 'Port of the listener for /metrics and /health/ready on HOST; unset: none',
      optional: true,
    }),
  },
  [
    ({ HOST, METRICS_PORT, TLS_CERT_FILE, TLS_KEY_FILE }): readonly ConfigurationProblem[] => {
      if ((TLS_CERT_FILE === undefined) !== (TLS_KEY_FILE === undefined))
        return [{ variable: TLS_CERT_FILE ? 'TLS_KEY_FILE' : 'TLS_CERT_FILE', problem: 'must be set too' }];
      const bare = METRICS_PORT !== undefined && TLS_CERT_FILE === undefined;
      return bare && HOST !== undefined && !isLoopbackHost(HOST)
        ? [
            {
              variable: 'HOST',
              problem: 'must be a loopback address as long as there are no TLS_CERT_FILE and TLS_KEY_FILE',
            },
          ]
        : [];
    },
    ({ KEY_ROTATION_INTERVAL, KEY_PUBLISH_LEAD }): readonly ConfigurationProblem[] => {
      if (KEY_ROTATION_INTERVAL === undefined || KEY_PUBLISH_LEAD === undefined) return [];
      const policy = policyOf({ KEY_ROTATION_INTERVAL, KEY_PUBLISH_LEAD });
      return keyPolicyProblems(policy).map(({ name, problem }) => ({
        variable: POLICY_VARIABLES[name] ?? name,
        problem,
      }));
    },
    ({ ISSUER, LOGOUT_TO_LOOPBACK }): readonly ConfigurationProblem[] =>
      LOGOUT_TO_LOOPBACK === true && ISSUER !== undefined && !isLoopbackHost(new URL(ISSUER).hostname)
        ? [{ variable: 'LOGOUT_TO_LOOPBACK', problem: 'must be off unless the host of ISSUER is loopback' }]
        : [],
  ],
);

/** What migrate.ts needs: a deploy step has no business with the keys. */
export const migrationConfiguration = defineConfiguration({ DATABASE_URL, QUEUE_URL, LOG_LEVEL });

export type Config = ConfigurationOf<typeof configuration>;
export type MigrationConfig = ConfigurationOf<typeof migrationConfiguration>;
type Environment = Readonly<Record<string, string | undefined>>;

/** @throws ConfigurationError with every problem */
export function readConfig(environment: Environment = process.env): Config {
  return loadConfiguration(configuration, environment);
}

/** @throws ConfigurationError with every problem */
export function readMigrationConfig(environment: Environment = process.env): MigrationConfig {
  return loadConfiguration(migrationConfiguration, environment);
}

export function queueUrlOf({ QUEUE_URL: queue, DATABASE_URL: database }: Pick<Config, 'DATABASE_URL' | 'QUEUE_URL'>) {
  return queue ?? database;
}

export function keyPolicyOf(config: Config): KeyPolicy {
  return keyPolicy(policyOf(config));
}

function policyOf(config: Pick<Config, 'KEY_ROTATION_INTERVAL' | 'KEY_PUBLISH_LEAD'>): KeyPolicy {
  return {
    ...DEFAULT_KEY_POLICY,
    rotationInterval: config.KEY_ROTATION_INTERVAL,
    publishLead: config.KEY_PUBLISH_LEAD,
  };
}
