import { OAuthError, redirectProblem } from '@gatehouse/protocol';
import { parseScope } from '@gatehouse/scopes';
import { z } from 'zod';
import { carriesResponseParameter } from '../authorize/authorization-response.js';
import { type Client, type ClientKeySet, TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import { canSignWith, CLIENT_ASSERTION_ALGORITHMS, isKeySetUri, readPublicKeys } from '../clients/public-keys.js';
import { declaredExchanges } from '../exchange/declared-exchanges.js';
import { isLogoutReceiver, logoutTerms, postLogoutProblem } from '../logout/logout-terms.js';
import { applicationType } from '../registration/application-type.js';
import { displayText } from '../registration/display-text.js';

/*
 * A client as an operator declares it, in a file or on the command line. The names are those of RFC 7591 where it has
 * one. Secrets are never declared: they are made here and shown once.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A name that cannot be taken for anything else: not a URL (those are metadata documents), not an id that registration
 * makes, and not the id of an account, for both stand in `sub`.
 * @spec RFC 9068 §5; RFC 9700 §4.15
 */
const declaredId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{2,99}$/, 'must be 3 to 100 letters, digits, dots, underscores and hyphens')
  .refine((id) => !UUID.test(id), 'must not look like the id of an account')
  .refine((id) => !/^c_[0-9a-f]{32}$/.test(id), 'must not look like the id of a client that registered itself');

const displayName = z
  .string()
  .max(400)
  .refine(
    (text) => displayText(text) === text && text.length <= 100,
    'must be a visible name of at most 100 characters',
  );

const scopeNames = z
  .array(z.string().refine((text) => parseScope(text)?.length === 1, 'must be one scope'))
  .min(1)
  .max(200);

/** @spec RFC 7591 §2 (names) */
export const clientDeclaration = z
  .strictObject({
    client_id: declaredId,
    client_name: displayName,
    grant_types: z
      .array(z.enum(['authorization_code', 'refresh_token', 'client_credentials', TOKEN_EXCHANGE_GRANT]))
      .min(1)
      .transform((types) => [...new Set(types)]),
    token_endpoint_auth_method: z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
    redirect_uris: z.array(z.string().max(2000)).max(20).default([]),
    application_type: z.enum(['web', 'native']).optional(),
    client_uri: z
      .url({ protocol: /^https$/ })
      .max(500)
      .optional(),
    post_logout_redirect_uris: z.array(z.string().max(2000)).max(20).optional(),
    backchannel_logout_uri: z.string().refine(isLogoutReceiver, 'must be an https URL').optional(),
    backchannel_logout_session_required: z.boolean().optional(),
    /** What the client may ask for at most. */
    scopes: scopeNames.optional(),
    exchanges: declaredExchanges.optional(),
    jwks: z.unknown().optional(),
    jwks_uri: z.unknown().optional(),
    /** @spec RFC 9126 §6 */
    require_pushed_authorization_requests: z.boolean().default(false),
    /** @spec OpenID Connect Dynamic Client Registration §2 */
    token_endpoint_auth_signing_alg: z.enum(CLIENT_ASSERTION_ALGORITHMS).optional(),
    /** It gets no token without a proof. @spec RFC 9449 §5.2 */
    dpop_bound_access_tokens: z.boolean().default(false),
    /** Left out: as it is. A file that is applied again must not bring back whom an operator has stopped since. */
    disabled: z.boolean().optional(),
  })
  .superRefine((declared, context) => {
    for (const problem of contradictions(declared)) context.addIssue({ code: 'custom', ...problem });
  });

export type ClientDeclaration = z.output<typeof clientDeclaration>;

interface Problem {
  readonly path: string[];
  readonly message: string;
}

/** What each member alone does not show. All of it is said at once. */
function contradictions(declared: {
  readonly grant_types: readonly string[];
  readonly token_endpoint_auth_method: string;
  readonly redirect_uris: readonly string[];
  readonly scopes?: readonly string[] | undefined;
  readonly exchanges?: unknown;
  readonly jwks?: unknown;
  readonly jwks_uri?: unknown;
  readonly require_pushed_authorization_requests: boolean;
  readonly token_endpoint_auth_signing_alg?: string | undefined;
}): readonly Problem[] {
  const { grant_types: grants, token_endpoint_auth_method: method, redirect_uris: uris } = declared;
  const { token_endpoint_auth_signing_alg: alg } = declared;
  const problems: Problem[] = [];
  const say = (when: boolean, member: string, message: string): void => {
    if (when) problems.push({ path: [member], message });
  };
  const code = grants.includes('authorization_code');
  say(code && uris.length === 0, 'redirect_uris', 'are needed for authorization_code');
  say(!code && uris.length > 0, 'redirect_uris', 'are of no use without authorization_code');
  say(!code && grants.includes('refresh_token'), 'grant_types', 'refresh_token comes with authorization_code only');
  const itself = grants.includes('client_credentials');
  say(itself && method === 'none', 'token_endpoint_auth_method', 'a client that acts for itself must authenticate');
  say(itself && !declared.scopes, 'scopes', 'are needed for client_credentials: they are all that the client may do');
  const exchanges = grants.includes(TOKEN_EXCHANGE_GRANT);
  say(exchanges && method === 'none', 'token_endpoint_auth_method', 'a client that exchanges tokens must authenticate');
  say(exchanges && declared.exchanges === undefined, 'exchanges', 'are needed for token exchange: it has no default');
  say(!exchanges && declared.exchanges !== undefined, 'exchanges', 'are of no use without the grant of token exchange');
  const signs = method === 'private_key_jwt';
  const given = [declared.jwks, declared.jwks_uri].filter((keys) => keys !== undefined).length;
  say(signs && given !== 1, 'jwks', 'private_key_jwt needs either jwks or jwks_uri');
  say(!signs && given > 0, 'jwks', 'keys are of use with private_key_jwt only');
  const keys = signs && given === 1 ? keysOf(declared) : undefined;
  say(signs && given === 1 && !keys, 'jwks', 'must be public keys for signatures, or an https URL of them');
  say(!signs && alg !== undefined, 'token_endpoint_auth_signing_alg', 'is of use with private_key_jwt only');
  const unsignable = keys !== undefined && alg !== undefined && !canSignWith(keys, alg);
  say(unsignable, 'token_endpoint_auth_signing_alg', 'fits none of the keys');
  const pushes = declared.require_pushed_authorization_requests;
  say(pushes && !code, 'require_pushed_authorization_requests', 'is of no use without authorization_code');
  return problems;
}

function keysOf({
  jwks,
  jwks_uri,
}: {
  readonly jwks?: unknown;
  readonly jwks_uri?: unknown;
}): ClientKeySet | undefined {
  if (jwks_uri !== undefined) return isKeySetUri(jwks_uri) ? { jwksUri: jwks_uri } : undefined;
  const keys = readPublicKeys(jwks);
  return keys && { jwks: keys };
}

export type DeclaredClient = Omit<Client, 'secrets' | 'createdAt' | 'disabledAt' | 'document'>;

/**
 * The client of a declaration, as far as the declaration says it.
 * @throws OAuthError invalid_redirect_uri when a redirect URI or the application type is not acceptable
 */
export function declaredClient(declaration: ClientDeclaration, redirectSchemes: readonly string[]): DeclaredClient {
  for (const uri of declaration.redirect_uris) {
    const problem = redirectProblem(uri, redirectSchemes);
    if (problem) throw new OAuthError('invalid_redirect_uri', problem);
    if (carriesResponseParameter(uri)) throw new OAuthError('invalid_redirect_uri', 'invalid_redirect_uri');
  }
  for (const uri of declaration.post_logout_redirect_uris ?? []) {
    const problem = postLogoutProblem(uri, redirectSchemes);
    if (problem) throw new OAuthError('invalid_redirect_uri', problem);
  }
  const keys = keysOf(declaration);
  const { client_uri: clientUri, scopes, exchanges } = declaration;
  return {
    id: declaration.client_id as Client['id'],
    origin: 'pre-registered',
    name: declaration.client_name,
    applicationType: applicationType(declaration.application_type, declaration.redirect_uris),
    redirectUris: [...new Set(declaration.redirect_uris)],
    grantTypes: declaration.grant_types,
    authMethod: declaration.token_endpoint_auth_method,
    ...(keys ? { keys } : {}),
    ...(declaration.require_pushed_authorization_requests ? { requirePushedRequests: true } : {}),
    ...(declaration.token_endpoint_auth_signing_alg === undefined
      ? {}
      : { assertionAlgorithm: declaration.token_endpoint_auth_signing_alg }),
    ...(scopes ? { scopes: [...new Set(scopes)] } : {}),
    ...(exchanges ? { exchanges } : {}),
    ...logoutTerms(declaration),
    ...(declaration.dpop_bound_access_tokens ? { dpopBoundAccessTokens: true } : {}),
    ...(clientUri === undefined ? {} : { clientUri }),
  };
}
