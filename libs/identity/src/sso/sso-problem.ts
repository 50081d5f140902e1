import { OAuthError, type OAuthErrorCode } from '@gatehouse/protocol';

/** Why an identity provider was of no use. */
export type SsoProblemReason =
  /** Does not answer, answers too late, or is beyond what may be asked of it at once. */
  | 'provider_unavailable'
  /** Answered with an error of its own: the person gave up, or may not. */
  | 'provider_refused'
  /** What it sent is not what was asked for, or not from it. */
  | 'invalid_provider_answer'
  /** Its settings cannot be used. */
  | 'provider_misconfigured'
  /** The person had to prove anew who they are, and the answer does not say that they did. */
  | 'authentication_not_fresh';

const CODES: Readonly<Record<SsoProblemReason, OAuthErrorCode>> = {
  provider_unavailable: 'temporarily_unavailable',
  provider_refused: 'access_denied',
  invalid_provider_answer: 'access_denied',
  provider_misconfigured: 'temporarily_unavailable',
  authentication_not_fresh: 'access_denied',
};

/** Thrown by connectors. `cause` is for the log; nothing that the provider said reaches a page. */
export class SsoProblem extends OAuthError {
  override readonly reason: SsoProblemReason;

  constructor(reason: SsoProblemReason, cause?: unknown) {
    super(CODES[reason], reason, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}
