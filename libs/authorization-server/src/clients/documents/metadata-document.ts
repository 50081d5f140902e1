/**
 * A client that describes itself at its own address: what the document must say, what it must not, and the client it
 * makes. One document is read by every authorization server there is, so it names more than this one offers: that falls
 * away. What would be dangerous to misread is refused.
 * @spec draft-ietf-oauth-client-id-metadata-document §4.1; RFC 7591 §2
 */
import { type ClientId, OAuthError, redirectProblem, type RefusalReason } from '@gatehouse/protocol';
import { z } from 'zod';
import { carriesResponseParameter } from '../../authorize/authorization-response.js';
import { isLogoutReceiver, logoutTerms, type LogoutTerms, postLogoutProblem } from '../../logout/logout-terms.js';
import { applicationType } from '../../registration/application-type.js';
import { displayText } from '../../registration/display-text.js';
import type { Client, ClientKeySet, GrantType } from '../client.js';
import { canSignWith, CLIENT_ASSERTION_ALGORITHMS, isKeySetUri, readPublicKeys } from '../public-keys.js';
import type { DocumentAnswer } from './metadata-document-source.js';

const strings = z.array(z.string().max(2000)).max(100);

const metadata = z.object({
  client_id: z.string(),
  client_name: z.string().max(400).transform(displayText),
  redirect_uris: strings.min(1),
  grant_types: strings.default(['authorization_code']),
  response_types: strings.default(['code']),
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: strings.optional(),
  application_type: z.unknown().optional(),
  post_logout_redirect_uris: z.unknown().optional(),
  backchannel_logout_uri: z.unknown().optional(),
  backchannel_logout_session_required: z.unknown().optional(),
  client_uri: z.unknown().optional(),
  jwks: z.unknown().optional(),
  jwks_uri: z.string().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  token_endpoint_auth_signing_alg: z.string().optional(),
  dpop_bound_access_tokens: z.unknown().optional(),
  software_id: z.unknown().optional(),
  software_version: z.unknown().optional(),
});
type Metadata = z.output<typeof metadata>;

const SUPPORTED_GRANTS: readonly GrantType[] = ['authorization_code', 'refresh_token'];
const LONGEST_WORDS = 100;

/** What is read of a document; the age of the copy and of the client are the directory's. */
export interface DescribedClient {
  readonly client: Omit<Client, 'createdAt' | 'document'>;
  /** Nothing was said of client authentication. Read as `none`: RFC 7591's default would be a secret nobody has. */
  readonly authMethodAssumed: boolean;
}

/** @throws OAuthError invalid_client: the document cannot be used, and the reason says why */
export function readMetadataDocument(
  id: ClientId,
  answer: DocumentAnswer,
  redirectSchemes: readonly string[],
): DescribedClient {
  // Every other status is a failure, redirects too. @spec draft-ietf-oauth-client-id-metadata-document §4
  if (answer.status !== 200) refuse('client_document_wrong_status');
  if (!/^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json *(?:;|$)/i.test(answer.contentType ?? ''))
    refuse('client_document_wrong_type');
  const json = jsonObject(answer.body);
  refuseSecrets(json);
  const parsed = metadata.safeParse(withoutNulls(json));
  if (!parsed.success || parsed.data.client_name === undefined) return refuse('client_document_malformed');
  const said = parsed.data;
  // Byte by byte: else a page that anybody may fill could describe somebody else.
  if (said.client_id !== id) refuse('client_document_of_other_client');

  const redirectUris = usableRedirects(said, redirectSchemes);
  const { authMethod, keys } = authentication(said);
  const clientUri = ownPage(id, said.client_uri);
  const softwareId = words(said.software_id);
  const softwareVersion = words(said.software_version);
  const client = {
    id,
    origin: 'metadata-document',
    name: clip(parsed.data.client_name),
    applicationType: said.application_type === 'native' ? 'native' : applicationType(undefined, redirectUris),
    redirectUris,
    grantTypes: grantTypes(said),
    authMethod,
    secrets: [],
    ...(keys ? { keys } : {}),
    ...(said.require_pushed_authorization_requests ? { requirePushedRequests: true as const } : {}),
    ...(keys ? assertionAlgorithm(said, keys) : {}),
    ...usableLogoutTerms(said, redirectSchemes),
    ...(said.dpop_bound_access_tokens === true ? { dpopBoundAccessTokens: true as const } : {}),
    ...(clientUri === undefined ? {} : { clientUri }),
    ...(softwareId === undefined ? {} : { softwareId }),
    ...(softwareVersion === undefined ? {} : { softwareVersion }),
  } as const;
  const authMethodAssumed =
    said.token_endpoint_auth_method === undefined && said.token_endpoint_auth_methods_supported === undefined;
  return { client, authMethodAssumed };
}

/** What of a client matters to whoever agreed to it. */
export const DOCUMENT_TERMS = ['name', 'redirectUris', 'authMethod', 'keys', 'grantTypes'] as const;

/** Which of these terms differ. @spec draft-ietf-oauth-client-id-metadata-document §6.3 */
export function changedTerms(
  before: Pick<Client, (typeof DOCUMENT_TERMS)[number]>,
  now: Pick<Client, (typeof DOCUMENT_TERMS)[number]>,
): readonly (typeof DOCUMENT_TERMS)[number][] {
  return DOCUMENT_TERMS.filter((term) => comparable(before[term]) !== comparable(now[term]));
}

/** JSON in one order: lists here are sets, and a database may hand members back in its own order. */
function comparable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(comparable).sort().join()}]`;
  if (value === undefined) return '';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${name}:${comparable(member)}`);
  return `{${members.sort().join()}}`;
}

function refuse(reason: RefusalReason): never {
  throw new OAuthError('invalid_client', reason, { status: 400 });
}

function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // Not UTF-8, or not JSON.
  }
  return refuse('client_document_malformed');
}

/**
 * A document is public, so a secret in it, and a method that needs one, is worth nothing and promises much.
 * @spec draft-ietf-oauth-client-id-metadata-document §4.1
 */
function refuseSecrets(json: Readonly<Record<string, unknown>>): void {
  const secret = ['client_secret', 'client_secret_expires_at'].some((name) => name in json);
  const method = json['token_endpoint_auth_method'];
  const symmetric = typeof method === 'string' && method.startsWith('client_secret_');
  if (secret || symmetric || holdsSecretKey(json['jwks'])) refuse('client_document_with_secret');
}

function holdsSecretKey(jwks: unknown): boolean {
  const keys: unknown = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks.keys : undefined;
  if (!Array.isArray(keys)) return false;
  return keys.some(
    (key: unknown) =>
      typeof key === 'object' &&
      key !== null &&
      (['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].some((name) => name in key) ||
        ('kty' in key && key.kty === 'oct')),
  );
}

function withoutNulls(json: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

/** Those of a published list that may be used here. None left: there is nowhere an answer could go. */
function usableRedirects({ redirect_uris }: Metadata, schemes: readonly string[]): readonly string[] {
  const usable = redirect_uris.filter((uri) => !redirectProblem(uri, schemes) && !carriesResponseParameter(uri));
  return usable.length > 0 ? [...new Set(usable)] : refuse('client_document_malformed');
}

/** Whatever of it can be used here; nobody is kept from signing in by what is said of signing out. */
function usableLogoutTerms(said: Metadata, schemes: readonly string[]): LogoutTerms {
  const uris = strings.safeParse(said.post_logout_redirect_uris).data ?? [];
  const receiver = said.backchannel_logout_uri;
  return logoutTerms({
    post_logout_redirect_uris: uris.filter((uri) => !postLogoutProblem(uri, schemes)),
    backchannel_logout_uri: isLogoutReceiver(receiver) ? receiver : undefined,
    backchannel_logout_session_required: said.backchannel_logout_session_required === true,
  });
}

function grantTypes({ grant_types, response_types }: Metadata): readonly GrantType[] {
  const offered = SUPPORTED_GRANTS.filter((type) => grant_types.includes(type));
  if (!offered.includes('authorization_code') || !response_types.includes('code')) refuse('client_document_malformed');
  return offered;
}

/**
 * The one method a document names is binding. Where it names several (a static document cannot be told which one was
 * chosen), the strongest that is offered here counts, for that is the one a client chooses from our metadata. The list is
 * that of OpenID Connect Relying Party Metadata Choices.
 */
function authentication(said: Metadata): {
  readonly authMethod: 'none' | 'private_key_jwt';
  readonly keys?: ClientKeySet;
} {
  const one = said.token_endpoint_auth_method;
  const several = said.token_endpoint_auth_methods_supported;
  const named = one !== undefined && isOffered(one) ? [one] : (several ?? [one ?? 'none']);
  const method = (['private_key_jwt', 'none'] as const).find((each) => named.includes(each));
  if (method === undefined) return refuse('client_document_malformed');
  if (method === 'none') return { authMethod: method };
  const keys = publishedKeys(said);
  return keys ? { authMethod: method, keys } : refuse('client_document_malformed');
}

function isOffered(method: string): boolean {
  return method === 'none' || method === 'private_key_jwt';
}

/** One of the two. @spec RFC 7591 §2 */
function publishedKeys({ jwks, jwks_uri }: Metadata): ClientKeySet | undefined {
  if (jwks !== undefined && jwks_uri !== undefined) return undefined;
  if (jwks_uri !== undefined) return isKeySetUri(jwks_uri) ? { jwksUri: jwks_uri } : undefined;
  const keys = readPublicKeys(jwks);
  return keys && { jwks: keys };
}

/** What a client demands of its signatures is not to be read away. */
function assertionAlgorithm(
  { token_endpoint_auth_signing_alg: algorithm }: Metadata,
  keys: ClientKeySet,
): Pick<Client, 'assertionAlgorithm'> {
  if (algorithm === undefined) return {};
  const usable = CLIENT_ASSERTION_ALGORITHMS.includes(algorithm) && canSignWith(keys, algorithm);
  return usable ? { assertionAlgorithm: algorithm } : refuse('client_document_malformed');
}

/** Shown, never fetched, and only when it is on the host that the id proves. */
function ownPage(id: ClientId, uri: unknown): string | undefined {
  if (typeof uri !== 'string' || !/^https:\/\/[\x21-\x7e]{1,500}$/.test(uri) || !URL.canParse(uri)) return undefined;
  return new URL(uri).host === new URL(id).host ? uri : undefined;
}

function words(text: unknown): string | undefined {
  const shown = typeof text === 'string' && text.length <= 400 ? displayText(text) : undefined;
  return shown === undefined ? undefined : clip(shown);
}

function clip(text: string): string {
  return Array.from(text).slice(0, LONGEST_WORDS).join('');
}
