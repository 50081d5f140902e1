import type { AuditEvent } from '@gatehouse/audit';
import {
  after,
  type Clock,
  newSecret,
  OAuthError,
  type OAuthErrorCode,
  type RefusalReason,
  tokenHash,
} from '@gatehouse/protocol';
import { sessionContext } from '../authorizations/session-context.js';
import type { Consent } from '../consent/consent.js';
import type { ServerPolicy } from '../server-policy.js';
import { codeLocation, errorLocation } from './authorization-response.js';
import {
  type AuthorizationRequest,
  awaitsUserCode,
  type CodeRequest,
  type Interaction,
  isForDevice,
  isRefused,
} from './interaction.js';
import type { Approval, InteractionStore } from './interaction.store.js';
import type { Grantable } from './next-step.js';

export interface Ended {
  readonly location: string;
  /** Present when the journey ended with a refusal: no error page, log line or count would tell of it otherwise. */
  readonly refusal?: { readonly code: OAuthErrorCode; readonly reason: RefusalReason };
}

/**
 * How a journey ends, exactly once: a code or an error on its way to the client, or a decision that a device will fetch.
 * Either way the browser is sent on; after a device's journey to a page of ours that says so.
 */
export class JourneyEnd {
  constructor(
    private readonly by: {
      readonly issuer: string;
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly interactions: InteractionStore;
    },
  ) {}

  /** What the person agrees to now. @throws OAuthError invalid_request (interaction_completed): of two clicks one counts */
  async approve(interaction: Interaction, grant: Grantable, scopes: readonly string[]): Promise<Ended> {
    const ended = await this.#approve(interaction, grant, scopes);
    if (!ended) throw completed();
    return ended;
  }

  /**
   * What the person agreed to before. Undefined: the journey is over, or the consent is gone since it was looked at, and is
   * not brought back by this; nothing has happened then.
   */
  approveAgain(interaction: Interaction, grant: Grantable, stored: Consent): Promise<Ended | undefined> {
    return this.#approve(interaction, grant, grant.scopes, stored);
  }

  async #approve(
    interaction: Interaction,
    grant: Grantable,
    scopes: readonly string[],
    stored?: Consent,
  ): Promise<Ended | undefined> {
    const { request, person, resource } = grant;
    const now = this.by.clock.now();
    const parties = { clientId: request.clientId, accountId: person.accountId, resource: resource.identifier };
    const consent = stored ?? { ...parties, scopes, grantedAt: now };
    const detail = { ...(stored ? { stored: true } : {}), ...(isForDevice(request) ? { device: true } : {}) };
    const audit: AuditEvent = {
      ...parties,
      type: 'consent.granted',
      at: now,
      scopes,
      ...(Object.keys(detail).length > 0 ? { detail } : {}),
    };
    if (isForDevice(request)) {
      const { authenticatedAt } = person;
      const { clientId, accountId } = parties;
      const session = sessionContext(person);
      const device = { code: request.device.code, clientId, accountId, authenticatedAt, session, scopes };
      const approved = await this.by.interactions.approve(interaction.id, { consent, audit, device }, now);
      return approved ? { location: `${this.by.issuer}/device/approved` } : undefined;
    }
    const { secret, code } = this.#newCode({ ...grant, request }, scopes, now);
    const outcome: Approval = { consent, audit, code, ...(stored ? { stored: true } : {}) };
    const approved = await this.by.interactions.approve(interaction.id, outcome, now);
    return approved ? { location: codeLocation(request, this.by.issuer, secret) } : undefined;
  }

  /**
   * The answer to a request that the person agreed to before, given without a journey. Undefined: the consent is gone, or
   * a party disabled, since it was looked at; nothing has happened then.
   */
  async answer({ request, person, resource, ...grant }: Grantable): Promise<Ended | undefined> {
    if (isForDevice(request)) return undefined;
    const now = this.by.clock.now();
    const { scopes } = grant;
    const { secret, code } = this.#newCode({ request, person, resource, ...grant }, scopes, now);
    const { clientId, accountId } = code;
    const given = await this.by.interactions.approveAgain(code, {
      clientId,
      accountId,
      resource: resource.identifier,
      type: 'consent.granted',
      at: now,
      scopes,
      detail: { stored: true },
    });
    return given ? { location: codeLocation(request, this.by.issuer, secret) } : undefined;
  }

  /** @throws OAuthError invalid_request (interaction_completed) */
  async refuse({ id, request, person }: Interaction, code: OAuthErrorCode, reason: RefusalReason): Promise<Ended> {
    if (awaitsUserCode(request)) throw new OAuthError('invalid_request', 'malformed_request');
    const now = this.by.clock.now();
    const device = isForDevice(request) ? request.device.code : undefined;
    const audit: AuditEvent = {
      type: 'consent.denied',
      at: now,
      reason,
      clientId: request.clientId,
      ...(person ? { accountId: person.accountId } : {}),
      ...(isRefused(request) ? {} : { resource: request.resource, scopes: request.scopes }),
      ...(device === undefined ? {} : { detail: { device: true } }),
    };
    if (!(await this.by.interactions.refuse(id, audit, now, device))) throw completed();
    return {
      location: isForDevice(request) ? `${this.by.issuer}/device/denied` : errorLocation(request, this.by.issuer, code),
      refusal: { code, reason },
    };
  }

  /**
   * A client that wanted nothing to be shown is told that it cannot be done. Nobody was asked and nobody decided, so there
   * is nothing to keep: it may ask every minute.
   * @spec OpenID Connect Core §3.1.2.6
   */
  tell(request: AuthorizationRequest, code: OAuthErrorCode, reason: RefusalReason): Ended {
    return { location: errorLocation(request, this.by.issuer, code), refusal: { code, reason } };
  }

  #newCode(
    { request, person, resource }: Grantable & { readonly request: CodeRequest },
    scopes: readonly string[],
    now: Date,
  ) {
    const secret = newSecret('ghc_');
    const code = {
      hash: tokenHash(secret),
      clientId: request.clientId,
      accountId: person.accountId,
      resource: resource.identifier,
      redirectUri: request.redirectUri,
      redirectUriWasSent: request.redirectUriWasSent,
      codeChallenge: request.codeChallenge,
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      scopes,
      authenticatedAt: person.authenticatedAt,
      session: sessionContext(person),
      ...(request.binding ? { binding: request.binding } : {}),
      issuedAt: now,
      expiresAt: after(now, this.by.policy.codeLifetime),
    };
    return { secret, code };
  }
}

function completed(): OAuthError {
  return new OAuthError('invalid_request', 'interaction_completed');
}
