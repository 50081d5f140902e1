import { after, type ClientId, type Clock, type RefusalReason, secondsSinceEpoch } from '@gatehouse/protocol';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { AssertionReplayStore } from './assertion-replay.store.js';
import type { Client } from './client.js';
import type { ClientKeys } from './client-keys.js';
import { candidatesFor, CLIENT_ASSERTION_ALGORITHMS, publicKeyOf, sameAlgorithm } from './public-keys.js';

/** @spec RFC 7523 §2.2 */
export const CLIENT_ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Seconds. */
export const CLIENT_ASSERTION_TIME = {
  /** Longest life. It bounds what must be remembered, and for how long a stolen one that was never used is good. */
  lifetime: 600,
  /** Clocks differ. */
  leeway: 30,
} as const;

const LONGEST = 8192;
/** Signatures tried for one assertion. */
const MOST_ATTEMPTS = 4;
const TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'client-authentication+jwt'];

const claims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  jti: z.string().min(1).max(128),
});

/** Whose assertion it says it is; nothing has been verified. Undefined when it cannot be read. */
export function assertionSubject(assertion: string): string | undefined {
  if (assertion.length > LONGEST) return undefined;
  try {
    // Nothing says that it is a text: an object that has no text would end as a failure of ours.
    const { sub } = decodeJwt<{ readonly sub?: unknown }>(assertion);
    return typeof sub === 'string' ? sub : undefined;
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError) return undefined;
    throw cause;
  }
}

/**
 * `private_key_jwt`. What costs nothing is checked first, then keys are looked up, and the assertion is spent last: one
 * that is refused for anything else may be sent again. Nothing in its header chooses a key but among those registered;
 * `jwk`, `jku`, `x5u` and `x5c` are not looked at.
 * The audience is the issuer and nothing beside it: an assertion that is also addressed to somebody else, or to the URL
 * of an endpoint, could be one that another server asked the client for.
 * Costs one store call.
 * @spec RFC 7523 §3; RFC 7521 §4.2; draft-ietf-oauth-rfc7523bis §4
 */
export class ClientAssertions {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly clock: Clock;
      readonly keys: ClientKeys;
      readonly replays: AssertionReplayStore;
    },
  ) {}

  /** Why the assertion does not prove that `client` is calling; undefined: it does, and is spent. */
  async spend(assertion: string, client: Client): Promise<RefusalReason | undefined> {
    const read = readAssertion(assertion);
    if (!read) return 'malformed_client_assertion';
    const { header, payload } = read;
    if (!CLIENT_ASSERTION_ALGORITHMS.includes(header.alg)) return 'wrong_algorithm';
    const { assertionAlgorithm } = client;
    if (assertionAlgorithm !== undefined && !sameAlgorithm(header.alg, assertionAlgorithm)) return 'wrong_algorithm';
    if (!TYPES.includes(header.typ?.toLowerCase().replace(/^application\//, ''))) return 'wrong_token_type';
    const { data } = claims.safeParse(payload);
    if (!data) return 'missing_claim';
    const problem = this.#claimProblem(data, client.id) ?? (await this.#signatureProblem(assertion, header, client));
    if (problem) return problem;
    const until = after(new Date(data.exp * 1000), CLIENT_ASSERTION_TIME.leeway);
    return (await this.by.replays.use(client.id, data.jti, until)) ? undefined : 'client_assertion_replayed';
  }

  #claimProblem({ iss, sub, aud, exp, iat, nbf }: z.output<typeof claims>, id: ClientId): RefusalReason | undefined {
    if (iss !== id || sub !== id) return 'client_assertion_of_other_client';
    const [audience, ...others] = [aud].flat();
    if (audience !== this.by.issuer || others.length > 0) return 'wrong_audience';
    const now = secondsSinceEpoch(this.by.clock.now());
    const { leeway, lifetime } = CLIENT_ASSERTION_TIME;
    if (now >= exp + leeway) return 'client_assertion_expired';
    if (Math.max(iat ?? 0, nbf ?? 0) > now + leeway) return 'client_assertion_not_yet_valid';
    if (exp > now + lifetime + leeway || (iat !== undefined && exp - iat > lifetime + leeway))
      return 'client_assertion_too_long_lived';
    return undefined;
  }

  async #signatureProblem(assertion: string, header: Header, client: Client): Promise<RefusalReason | undefined> {
    if (!client.keys) return 'unknown_key';
    const keys = await this.by.keys.find(client.keys, (all) => candidatesFor(all, header));
    if (!keys) return 'client_keys_unavailable';
    if (keys.length === 0) return 'unknown_key';
    for (const key of keys.slice(0, MOST_ATTEMPTS)) {
      try {
        await jwtVerify(assertion, publicKeyOf(key), {
          algorithms: [header.alg],
          currentDate: this.by.clock.now(),
          clockTolerance: CLIENT_ASSERTION_TIME.leeway,
        });
        return undefined;
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError)) throw cause;
      }
    }
    return 'wrong_signature';
  }
}

interface Header {
  readonly alg: string;
  readonly kid?: string;
  readonly typ?: string;
}

const headers = z.object({ alg: z.string(), kid: z.string().max(500).optional(), typ: z.string().optional() });

function readAssertion(assertion: string): { readonly header: Header; readonly payload: JWTPayload } | undefined {
  if (assertion.length > LONGEST) return undefined;
  try {
    const { alg, kid, typ } = headers.parse(decodeProtectedHeader(assertion));
    return {
      header: { alg, ...(kid === undefined ? {} : { kid }), ...(typ === undefined ? {} : { typ }) },
      payload: decodeJwt(assertion),
    };
  } catch (cause) {
    if (cause instanceof errors.JOSEError || cause instanceof TypeError || cause instanceof z.ZodError)
      return undefined;
    throw cause;
  }
}
