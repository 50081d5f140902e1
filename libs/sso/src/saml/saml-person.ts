import type { ExternalPerson } from '@gatehouse/identity';
import type { Assertion } from './assertion.js';
import type { SamlSettings } from './settings.js';

const PASSWORD_CONTEXTS = [
  'urn:oasis:names:tc:SAML:2.0:ac:classes:Password',
  'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
];

/** The words of an assertion in those of the house, by the operator's mapping. @spec RFC 8176 §2 (amr) */
export function externalPerson(issuer: string, assertion: Assertion, settings: SamlSettings): ExternalPerson {
  const { attributes: names } = settings;
  const only = (name: string | undefined): string | undefined => {
    const values = name === undefined ? [] : (assertion.attributes.get(name) ?? []);
    // Of two addresses or names nobody can say which one is meant.
    return values.length === 1 ? values[0] : undefined;
  };
  const email = only(names.email);
  const username = only(names.username);
  const displayName = only(names.displayName);
  const { context = '', sessionIndex } = assertion;
  const strong = settings.strongContexts.includes(context);
  return {
    issuer,
    subject: assertion.subject,
    ...(email === undefined ? {} : { email }),
    emailVerified: email !== undefined && settings.emailsVerified,
    ...(username === undefined ? {} : { username }),
    ...(displayName === undefined ? {} : { displayName }),
    groups: assertion.attributes.get(names.groups) ?? [],
    authenticatedAt: assertion.authenticatedAt,
    amr: strong ? ['mfa'] : PASSWORD_CONTEXTS.includes(context) ? ['pwd'] : [],
    strong,
    ...(sessionIndex === undefined ? {} : { upstreamSession: sessionIndex }),
  };
}
