/**
 * The times of a signing key's life, in seconds, and why a rotation refuses no token:
 *
 *   published ── publishLead ──▶ signs ── rotationInterval ──▶ successor signs ── lifetime + slack ──▶ withdrawn
 *
 * Everybody who may verify has the key before it signs, and keeps it until the last token it signed has expired.
 */
export interface KeyPolicy {
  /** Age at which a key gets its successor. Bounds what a stolen key is worth. */
  readonly rotationInterval: number;
  /** From publication to the first signature. */
  readonly publishLead: number;
  /** The longest of a token signed with it. */
  readonly accessTokenLifetime: number;
  /** How long a key outlives its last token, for clocks that differ and a replica that learned late of the successor. */
  readonly withdrawalSlack: number;
}

/** Fixed for every process, so that a policy made in one can rely on the behaviour of the others. Seconds. */
export const KEY_TIMING = {
  /** A replica reads the keys again after this, behind the request that notices. */
  refreshAfter: 10,
  /** Beyond this age a replica waits for a fresh read before it answers. */
  replicaCache: 20,
  /** Cache-Control of the JWKS. */
  jwksMaxAge: 300,
  /** A verifier that met an unknown key id asks again no sooner than this (the default of jose and others). */
  verifierCooldown: 30,
  /** Any two clocks of the installation are closer than this. */
  clockSkew: 60,
  /** Random key ids in forged tokens must not become one read each. */
  unknownKeyReload: 5,
  /** A store that just failed, or had no key, is left alone so long. */
  retryAfter: 1,
} as const;

/** With less, some verifier could meet a signature before it could have learned of the key. */
export const MINIMUM_PUBLISH_LEAD =
  KEY_TIMING.replicaCache + KEY_TIMING.jwksMaxAge + KEY_TIMING.verifierCooldown + KEY_TIMING.clockSkew;

const MINIMUM_SLACK = 2 * KEY_TIMING.clockSkew + KEY_TIMING.replicaCache;

/**
 * No server may be configured to issue longer ones. Keys stay published for this, whatever a server's own setting is, so
 * that worker and servers need not be told the same value twice.
 */
export const MAXIMUM_ACCESS_TOKEN_LIFETIME = 3600;

export const DEFAULT_KEY_POLICY: KeyPolicy = {
  rotationInterval: 30 * 86_400,
  publishLead: 900,
  accessTokenLifetime: MAXIMUM_ACCESS_TOKEN_LIFETIME,
  withdrawalSlack: 300,
};

export interface KeyPolicyProblem {
  readonly name: keyof KeyPolicy;
  /** Completes the sentence that begins with the name. */
  readonly problem: string;
}

export function keyPolicyProblems(policy: KeyPolicy): readonly KeyPolicyProblem[] {
  const { publishLead, accessTokenLifetime, withdrawalSlack } = policy;
  const problems: KeyPolicyProblem[] = (Object.entries(policy) as [keyof KeyPolicy, number][])
    .filter(([, value]) => !Number.isSafeInteger(value) || value <= 0)
    .map(([name]) => ({ name, problem: 'must be a positive number of seconds' }));
  const atLeast = (name: keyof KeyPolicy, least: number, why: string): void => {
    if (policy[name] < least) problems.push({ name, problem: `must be at least ${least} s: ${why}` });
  };
  atLeast('publishLead', MINIMUM_PUBLISH_LEAD, 'verifiers may hold an older JWKS for so long');
  atLeast('withdrawalSlack', MINIMUM_SLACK, 'clocks and replicas may differ by that');
  atLeast(
    'rotationInterval',
    publishLead + accessTokenLifetime + withdrawalSlack + 1,
    'a key must be over before the one after next is published',
  );
  return problems;
}

/** @throws TypeError with all problems; for configuration, not for requests */
export function keyPolicy(values: Partial<KeyPolicy> = {}): KeyPolicy {
  const policy = { ...DEFAULT_KEY_POLICY, ...values };
  const problems = keyPolicyProblems(policy);
  if (problems.length > 0) throw new TypeError(problems.map(({ name, problem }) => `${name} ${problem}`).join('; '));
  return Object.freeze(policy);
}
