import { type ExternalPerson, SsoProblem } from '@gatehouse/identity';
import type { OidcSettings } from './oidc-settings.js';

export type Claims = Readonly<Record<string, unknown>>;

/** Claims that were verified, as a person. What is not of the expected shape is not there. @throws SsoProblem */
export function personOf(settings: OidcSettings, claims: Claims, groups: readonly string[]): ExternalPerson {
  const { claims: names, strong, email_always_verified: alwaysVerified } = settings;
  for (const [name, value] of Object.entries(settings.required_claims))
    if (claims[name] !== value) throw new SsoProblem('provider_refused');
  const [email, username] = [textOf(claims[names.email]), textOf(claims[names.username])];
  const [displayName, sid, acr] = [textOf(claims[names.display_name]), textOf(claims['sid']), textOf(claims['acr'])];
  const amr = listOf(claims['amr'])
    .filter((method) => /^[\x21-\x7e]{1,64}$/.test(method))
    .slice(0, 20);
  return {
    issuer: settings.issuer,
    subject: textOf(claims['sub']) ?? '',
    ...(email === undefined ? {} : { email }),
    emailVerified: alwaysVerified || isYes(claims[names.email_verified]),
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { displayName }),
    groups,
    authenticatedAt: instantOf(claims['auth_time']) ?? instantOf(claims['iat']) ?? new Date(0),
    amr,
    strong: (acr !== undefined && strong.acr.includes(acr)) || amr.some((method) => strong.amr.includes(method)),
    ...(sid === undefined ? {} : { upstreamSession: sid }),
  };
}

/** A name or a list of them. */
export function listOf(value: unknown): readonly string[] {
  return [value].flat().filter((each): each is string => typeof each === 'string' && each !== '');
}

export function instantOf(value: unknown): Date | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 1e11
    ? new Date(value * 1000)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 500 ? value : undefined;
}

/** Some write it as text or as a number. */
function isYes(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1';
}
