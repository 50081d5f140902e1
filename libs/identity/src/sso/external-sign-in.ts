/**
 * Who a person from an identity provider is here. They are known by issuer and subject, which never change. An address
 * links them to an account only if the provider says that it is theirs and the operator says that its domain is the
 * provider's: else whoever can make an account at any provider with somebody's address would be that somebody.
 * @see docs/decisions/0023-corporate-sign-in.md
 */
import type { AuditLog } from '@gatehouse/audit';
import { type AccountId, type Clock, OAuthError, after, newSecret, tokenHash } from '@gatehouse/protocol';
import { randomUUID } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import { isDisplayName } from '../accounts/account-registration.js';
import { isEmailAddress } from '../accounts/email.js';
import { normaliseUsername } from '../accounts/username.js';
import type { KnownBrowsers } from '../sign-in/known-browsers.js';
import type { SignedIn } from '../sign-in/sign-in.js';
import { DEFAULT_SIGN_IN_POLICY, type SignInPolicy } from '../sign-in/sign-in-policy.js';
import type { ExternalPerson } from './connector.js';
import type { Arrival, ArrivalOutcome, ExternalIdentityStore } from './external-identity.store.js';
import type { IdentityProvider } from './identity-provider.js';
import { domainOf } from './providers.js';
import { SsoProblem } from './sso-problem.js';

export interface ExternalSignInParts {
  readonly identities: ExternalIdentityStore;
  readonly audit: AuditLog;
  readonly browsers: KnownBrowsers;
  readonly clock: Clock;
  readonly policy?: SignInPolicy;
}

/** Of one person. A directory that puts people into more is cut off nowhere in silence: it is refused. */
const MOST_GROUPS = 2000;
const LONGEST_GROUP = 256;
const LONGEST_SUBJECT = 512;

export class ExternalSignIn {
  readonly #parts: ExternalSignInParts;

  constructor(parts: ExternalSignInParts) {
    this.#parts = parts;
  }

  /** @throws OAuthError access_denied, with the reason; then nothing was changed */
  async signIn(
    provider: IdentityProvider,
    person: ExternalPerson,
    browser: { readonly previousSession?: string | undefined } = {},
  ): Promise<SignedIn> {
    const { identities, browsers, clock, policy = DEFAULT_SIGN_IN_POLICY } = this.#parts;
    requireUsable(person);
    const now = clock.now();
    const sessionId = newSecret('ghw_');
    const signedIn = {
      sid: randomUUID(),
      // Nobody has proved anything in the future, whatever the clock of the provider says.
      authenticatedAt: person.authenticatedAt < now ? person.authenticatedAt : now,
      acr: person.strong ? 'urn:gatehouse:acr:2fa' : 'urn:gatehouse:acr:1fa',
      amr: person.amr,
    };
    const expiresAt = after(now, policy.sessionLifetime);
    const { upstreamSession } = person;
    const outcome = await identities.arrive({
      ...arrivalOf(provider, person, now),
      session: {
        ...signedIn,
        id: tokenHash(sessionId),
        expiresAt,
        provider: provider.id,
        ...(upstreamSession === undefined ? {} : { upstreamSession }),
      },
      ...(browser.previousSession === undefined ? {} : { replaces: tokenHash(browser.previousSession) }),
    });
    if (outcome.outcome === 'refused') return this.#refuse(provider, outcome, now);
    const { account, sid } = outcome;
    return {
      sessionId,
      expiresAt,
      knownBrowser: browsers.mark(account.username),
      person: { ...signedIn, sid, accountId: account.id, displayName: account.displayName },
    };
  }

  /** The mark is written before the refusal is thrown. */
  async #refuse(
    provider: IdentityProvider,
    { reason, accountId }: Extract<ArrivalOutcome, { outcome: 'refused' }>,
    at: Date,
  ): Promise<never> {
    await this.#parts.audit.record({
      type: 'sign_in.failed',
      at,
      reason,
      ...(accountId === undefined ? {} : { accountId }),
      detail: { provider: provider.id },
    });
    throw new OAuthError('access_denied', reason);
  }
}

function arrivalOf(
  provider: IdentityProvider,
  person: ExternalPerson,
  at: Date,
): Omit<Arrival, 'session' | 'replaces'> {
  const vouchedEmail = vouchedAddress(provider, person);
  const displayName = shownName(person);
  const newAccount = provider.justInTime ? accountOf(provider, person, vouchedEmail, at) : undefined;
  return {
    providerId: provider.id,
    issuer: person.issuer,
    subject: person.subject,
    ...(vouchedEmail === undefined ? {} : { vouchedEmail }),
    ...(displayName === undefined ? {} : { displayName }),
    ...(newAccount ? { newAccount } : {}),
    groups: [...new Set(person.groups)].sort().map((name) => `${provider.id}/${name}`),
    at,
  };
}

/** Only of a domain that the operator declared as this provider's, and only if the provider saw to it. */
function vouchedAddress(provider: IdentityProvider, { email, emailVerified }: ExternalPerson): string | undefined {
  if (email === undefined || !emailVerified || !isEmailAddress(email)) return undefined;
  const domain = domainOf(email);
  return domain !== undefined && provider.domains.includes(domain) ? email.toLowerCase() : undefined;
}

/**
 * A name that says whose word it is: the address, where the provider may vouch for it; else the name with the provider
 * behind it. Else a person could take, by naming themselves so at their provider, a name that policies mean for another.
 */
function accountOf(
  provider: IdentityProvider,
  person: ExternalPerson,
  vouchedEmail: string | undefined,
  createdAt: Date,
): Account {
  const plain = person.username?.split('@')[0];
  const fallback = tokenHash(JSON.stringify([person.issuer, person.subject]))
    .slice(0, 16)
    .toLowerCase();
  const named = plain === undefined || plain === '' ? undefined : normaliseUsername(`${plain}@${provider.id}`);
  const username =
    (vouchedEmail === undefined ? named : normaliseUsername(vouchedEmail)) ?? `${fallback}@${provider.id}`;
  return {
    id: randomUUID() as AccountId,
    username,
    displayName: shownName(person) ?? username,
    ...(vouchedEmail === undefined ? {} : { email: { address: vouchedEmail, verified: true } }),
    createdAt,
  };
}

function shownName({ displayName }: ExternalPerson): string | undefined {
  const name = displayName?.normalize('NFC').trim();
  return name !== undefined && isDisplayName(name) ? name : undefined;
}

/** Whoever is not named cannot be told apart from the next one. @throws SsoProblem */
function requireUsable({ issuer, subject, groups }: ExternalPerson): void {
  const named = [issuer, subject].every((text) => text !== '' && text.isWellFormed() && text.length <= LONGEST_SUBJECT);
  const sorted =
    groups.length <= MOST_GROUPS &&
    groups.every((name) => name.isWellFormed() && name !== '' && name.length <= LONGEST_GROUP && !/\p{Cc}/u.test(name));
  if (!named || !sorted) throw new SsoProblem('invalid_provider_answer');
}
