/** Names of the endpoints: the `endpoint` of every `@Route`, metric label and row of the rate limit table. */
export const ENDPOINTS = [
  'metadata',
  'jwks',
  'authorize',
  'interaction',
  'sign-in',
  'consent',
  'refusal',
  'switch-account',
  'token',
  'register',
  'client-configuration',
  'revoke',
  'introspect',
  'health',
] as const;
