import type { AuditLog } from '@gatehouse/audit';
import { after, type Clock, newSecret, OAuthError, tokenHash } from '@gatehouse/protocol';
import { awaitsUserCode, type SignedInPerson } from '../authorize/interaction.js';
import type { InteractionStore } from '../authorize/interaction.store.js';
import type { ServerPolicy } from '../server-policy.js';
import type { DeviceAuthorizationStore } from './device-authorization.store.js';
import { sealOffered } from './offered-code.js';
import type { UserCodeAttempts } from './user-code-attempts.js';
import type { UserCodes } from './user-code.js';

/**
 * The way into a journey from a device: the person signs in, types the code (or compares the one of a complete link), and
 * from there on it is a journey like any other, up to a decision about client, resource and scopes that AuthorizationEndpoint
 * asks for. Nothing is granted by the code alone, however it came: whoever reads it out to somebody else, or sends it as a
 * link, must not have his own device approved by that.
 * @spec RFC 8628 §3.3, §5.1, §5.4
 */
export class UserCodeEntry {
  constructor(
    private readonly by: {
      readonly policy: ServerPolicy;
      readonly clock: Clock;
      readonly interactions: InteractionStore;
      readonly devices: DeviceAuthorizationStore;
      readonly userCodes: UserCodes;
      readonly attempts: UserCodeAttempts;
      readonly audit: AuditLog;
    },
  ) {}

  /** @param input.userCode of a complete link: only filled in, and not looked up before a signed-in person sends it */
  async start(input: {
    readonly browser: string;
    readonly person?: SignedInPerson;
    readonly userCode?: string;
  }): Promise<{ readonly interactionId: string }> {
    const { browser, person, userCode } = input;
    // What can be no code is not carried along: a link must not put words on our page.
    const offered = userCode !== undefined && this.by.userCodes.candidates(userCode).length > 0 ? userCode : undefined;
    const interactionId = newSecret('ghi_');
    const now = this.by.clock.now();
    await this.by.interactions.begin({
      id: tokenHash(interactionId),
      browser: tokenHash(browser),
      request: { userCode: offered === undefined ? {} : { offered: sealOffered(offered, browser) } },
      ...(person ? { person } : {}),
      createdAt: now,
      expiresAt: after(now, this.by.policy.interactionLifetime),
    });
    return { interactionId };
  }

  /**
   * Finds the device that the typed code is of, and makes the interaction one about it.
   * @throws OAuthError too_many_requests (too_many_attempts), invalid_grant (unknown_user_code): unknown, expired and
   *   decided ones alike; access_denied for anybody but the person of the interaction
   */
  async enter(input: {
    readonly interactionId: string;
    readonly browser: string;
    readonly person: SignedInPerson | undefined;
    readonly network: string;
    readonly typed: string;
  }): Promise<void> {
    const { person, network, typed } = input;
    const [id, browser, now] = [tokenHash(input.interactionId), tokenHash(input.browser), this.by.clock.now()];
    const interaction = await this.by.interactions.find(id, browser, now);
    if (!interaction) throw new OAuthError('invalid_request', 'unknown_interaction');
    if (!person || !interaction.person) throw new OAuthError('access_denied', 'no_session');
    if (person.accountId !== interaction.person.accountId)
      throw new OAuthError('access_denied', 'session_of_other_account');
    if (!awaitsUserCode(interaction.request)) throw new OAuthError('invalid_request', 'malformed_request');

    const until = await this.by.attempts.count(person.accountId, network, now);
    if (until) {
      const retryAfter = Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
      throw new OAuthError('too_many_requests', 'too_many_attempts', { retryAfter });
    }
    const candidates = this.by.userCodes.candidates(typed);
    const device = candidates.length > 0 ? await this.by.devices.findUndecided(candidates, now) : undefined;
    if (!device) return this.#unknown(person, now);
    const request = {
      clientId: device.clientId,
      resource: device.resource,
      scopes: device.scopes,
      device: { code: device.code, network: device.network, startedAt: device.createdAt.toISOString() },
    };
    if (!(await this.by.interactions.ask(id, browser, request, now)))
      throw new OAuthError('invalid_request', 'interaction_completed');
  }

  /** Bounded by the limit of attempts: a guesser cannot write without end. */
  async #unknown({ accountId }: SignedInPerson, now: Date): Promise<never> {
    await this.by.audit.record({ type: 'user_code.refused', at: now, reason: 'unknown_user_code', accountId });
    throw new OAuthError('invalid_grant', 'unknown_user_code');
  }
}
