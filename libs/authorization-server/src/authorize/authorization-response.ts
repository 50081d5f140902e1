import { errorDescription, type OAuthErrorCode, type VerifiedRedirect } from '@gatehouse/protocol';

/** Parameters of an answer. A registered redirect URI may not carry them: two of a name would be read differently. */
export const RESPONSE_PARAMETERS: readonly string[] = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
];

interface Answered {
  readonly redirectUri: VerifiedRedirect;
  readonly state?: string;
}

/** @spec OAuth 2.1 §4.1.2; RFC 9207 §2 */
export function codeLocation(request: Answered, issuer: string, code: string): string {
  return location(request, issuer, { code });
}

/** @spec OAuth 2.1 §4.1.2.1; RFC 9207 §2 */
export function errorLocation(request: Answered, issuer: string, code: OAuthErrorCode): string {
  return location(request, issuer, { error: code, error_description: errorDescription(code) });
}

/** Form-encoded behind whatever query the redirect URI has, which is kept as it is written. */
function location({ redirectUri, state }: Answered, issuer: string, answer: Readonly<Record<string, string>>): string {
  const [address = '', ...rest] = redirectUri.split('?');
  const own = rest
    .join('?')
    .split('&')
    .filter((pair) => pair !== '' && !isResponseParameter(pair));
  const added = new URLSearchParams({ ...answer, ...(state === undefined ? {} : { state }), iss: issuer });
  return `${address}?${[...own, added.toString()].join('&')}`;
}

/**
 * Read as freely as the most liberal reader behind a redirect URI does: some take `;` for `&`, names without regard to case
 * or to blanks around them, and `code[]` for `code`.
 */
function isResponseParameter(query: string): boolean {
  const names = query.split(/[&;]/).flatMap((pair) => [...new URLSearchParams(pair).keys()]);
  return names.some((name) => RESPONSE_PARAMETERS.includes(comparableName(name)));
}

function comparableName(name: string): string {
  return (name.replace(/[\0-\x20]/g, '').split('[')[0] ?? '').toLowerCase().replaceAll('.', '_');
}

/** Does the query of a redirect URI carry a parameter that an answer will carry? */
export function carriesResponseParameter(redirectUri: string): boolean {
  const query = redirectUri.split('?').slice(1).join('?');
  return isResponseParameter(query);
}
