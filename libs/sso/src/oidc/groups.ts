/**
 * The groups of a person. Entra ID leaves them out of a token when there are too many and names a place to ask instead
 * (`_claim_names`). That place stands in the token, so it is not believed: the access token goes to the address that the operator
 * configured, or nowhere. Without one the person is not let in with the groups missing: rules would then quietly not apply.
 */
import { SsoProblem, type UpstreamFetch } from '@gatehouse/identity';
import { z } from 'zod';
import type { OidcSettings } from './oidc-settings.js';
import { type Claims, listOf } from './person.js';

const MOST_PAGES = 20;
const MAX_BYTES = 1024 * 1024;

const page = z.looseObject({
  value: z.array(z.union([z.string(), z.looseObject({ id: z.string() })])),
  '@odata.nextLink': z.string().optional(),
});

/** @throws SsoProblem */
export async function groupsOf(
  settings: OidcSettings,
  claims: Claims,
  accessToken: string,
  fetch: UpstreamFetch,
): Promise<readonly string[]> {
  const { groups: name } = settings.claims;
  if (!isElsewhere(claims, name)) return listOf(claims[name]);
  const { groups_endpoint: endpoint, network } = settings;
  if (endpoint === undefined) throw new SsoProblem('provider_misconfigured');
  const groups: string[] = [];
  let next: string | undefined = endpoint;
  for (let count = 0; next !== undefined; count += 1) {
    if (count === MOST_PAGES || !isPageOf(endpoint, next)) throw new SsoProblem('invalid_provider_answer');
    const { status, body } = await fetch.fetch(next, {
      method: 'GET',
      headers: { accept: 'application/json', authorization: `Bearer ${accessToken}` },
      maxBytes: MAX_BYTES,
      network,
    });
    if (status >= 500 || status === 429) throw new SsoProblem('provider_unavailable');
    if (status === 401 || status === 403) throw new SsoProblem('provider_misconfigured');
    const answer = page.safeParse(status === 200 ? jsonOf(body) : undefined);
    if (!answer.success) throw new SsoProblem('invalid_provider_answer');
    groups.push(...answer.data.value.map((entry) => (typeof entry === 'string' ? entry : entry.id)));
    next = answer.data['@odata.nextLink'];
  }
  return groups;
}

function isElsewhere(claims: Claims, name: string): boolean {
  const names = claims['_claim_names'];
  const named = typeof names === 'object' && names !== null && name in names;
  return claims[name] === undefined && (named || claims['hasgroups'] === true || claims['hasgroups'] === 'true');
}

/** The next page is at the same address; only its query may differ. */
function isPageOf(endpoint: string, next: string): boolean {
  if (!URL.canParse(next)) return false;
  const [first, other] = [new URL(endpoint), new URL(next)];
  return other.origin === first.origin && other.pathname === first.pathname && other.username === '';
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
