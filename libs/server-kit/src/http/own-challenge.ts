import { adminResource, userinfoResource } from '@gatehouse/authorization-server';
import { DPOP_ALGORITHMS } from '@gatehouse/dpop';
import { protectedResourceMetadataUrl } from '@gatehouse/metadata';
import { challenge, type RefusalReason } from '@gatehouse/protocol';
import { formatScope } from '@gatehouse/scopes';
import type { Refusal } from './refusal.js';
import type { OwnProtection } from './route.js';

/** What came was no token at all, as far as the challenge is concerned: it carries no error code then. */
const WITHOUT_CREDENTIALS: readonly (RefusalReason | undefined)[] = ['no_access_token', 'credentials_in_url'];

const CHALLENGED: readonly string[] = ['invalid_token', 'insufficient_scope', 'invalid_dpop_proof', 'use_dpop_nonce'];

/**
 * A client that is refused at a resource of the server itself is told what it lacks: where the resource describes itself,
 * all scopes the operation needs, and, to the scheme it used, what was wrong with its token or proof. Bearer first and in
 * a line of its own: there are clients that read nothing else.
 * @spec RFC 6750 §3, §3.1; RFC 9449 §7.1; RFC 9728 §5.1
 */
export function ownChallenge(
  { code, reason }: Refusal,
  { resource, scopes }: OwnProtection,
  { issuer, triedProofs = false }: { readonly issuer: string; readonly triedProofs?: boolean | undefined },
): Record<string, string[]> {
  if (!CHALLENGED.includes(code)) return {};
  const error = WITHOUT_CREDENTIALS.includes(reason) ? undefined : code;
  const { identifier } = resource === 'admin' ? adminResource(issuer) : userinfoResource(issuer);
  const wayBack = {
    scope: scopes.length === 0 ? undefined : formatScope(scopes),
    resource_metadata: protectedResourceMetadataUrl(identifier),
  };
  return {
    'www-authenticate': [
      challenge('Bearer', { error: triedProofs ? undefined : error, ...wayBack }),
      challenge('DPoP', { error: triedProofs ? error : undefined, algs: DPOP_ALGORITHMS.join(' ') }),
    ],
  };
}
