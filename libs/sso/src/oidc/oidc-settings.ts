import type { ProviderSecrets } from '@gatehouse/identity';
import { z } from 'zod';

/** What signs an ID token. Neither `none` nor a MAC: whoever can check one could make one. */
export const ID_TOKEN_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** What this server says itself in a request. */
const OURS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
  'claims',
  'prompt',
  'max_age',
];

const address = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/[?#]/.test(text), 'must have neither query nor fragment')
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must have no user name');
const word = z.string().regex(/^[\x21-\x7e]{1,500}$/, 'must be printable ASCII without blanks');
const claim = z.string().min(1).max(200);

/** Of a provider that speaks OpenID Connect, as the operator writes them. @see docs/sso/oidc.md */
export const oidcSettings = z.strictObject({
  /** Exactly as its tokens and its discovery document name it. */
  issuer: address,
  client_id: word,
  token_endpoint_auth_method: z
    .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .default('client_secret_basic'),
  /** `kid` and algorithm of the private key, where one signs for this server. */
  key_id: word.optional(),
  key_algorithm: z.enum(['RS256', 'PS256', 'ES256']).default('RS256'),
  scopes: z
    .array(word)
    .default(['openid', 'profile', 'email'])
    .refine((scopes) => scopes.includes('openid'), 'must contain openid'),
  /** `internal`: it has an address of the company's own network. */
  network: z.enum(['public', 'internal']).default('public'),
  /** In which claims stands what. */
  claims: z
    .strictObject({
      email: claim.default('email'),
      email_verified: claim.default('email_verified'),
      username: claim.default('preferred_username'),
      display_name: claim.default('name'),
      groups: claim.default('groups'),
    })
    .prefault({}),
  /** The operator's word that every address in its tokens was seen to, for providers that do not say it. */
  email_always_verified: z.boolean().default(false),
  /** Claims that have to be exactly so: the tenant, the hosted domain. */
  required_claims: z.record(claim, z.string().max(500)).default({}),
  /** Where to ask for groups when there are too many for a token. The access token goes there, and nowhere else. */
  groups_endpoint: z.url({ protocol: /^https?$/ }).optional(),
  /** What says that there was a second factor: any one of them. */
  strong: z.strictObject({ acr: z.array(word).default([]), amr: z.array(word).default([]) }).prefault({}),
  /** Sent along with the request, such as `domain_hint` or `hd`. */
  authorization_parameters: z
    .record(word, z.string().max(500))
    .default({})
    .refine((parameters) => !OURS.some((name) => name in parameters), 'must not contain what this server says itself'),
});

export type OidcSettings = z.output<typeof oidcSettings>;

/** In words of ours: paths and rules, no value. */
export function oidcProblems(settings: unknown, secrets: ProviderSecrets): readonly string[] {
  const result = oidcSettings.safeParse(settings);
  if (!result.success) return result.error.issues.map(({ path, message }) => `settings.${path.join('.')}: ${message}`);
  const needed = result.data.token_endpoint_auth_method === 'private_key_jwt' ? 'private_key' : 'client_secret';
  const strange = Object.keys(secrets).filter((name) => name !== needed);
  return [
    ...(secrets[needed] === undefined || secrets[needed] === '' ? [`secrets.${needed}: is needed`] : []),
    ...strange.map((name) => `secrets.${name}: is of no use here`),
  ];
}
