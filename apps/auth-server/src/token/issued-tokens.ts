import { DEVICE_CODE_GRANT, TOKEN_EXCHANGE_GRANT } from '@gatehouse/authorization-server';
import { Metrics } from '@gatehouse/platform';
import { Injectable } from '@nestjs/common';

const GRANTS = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE_GRANT,
  TOKEN_EXCHANGE_GRANT,
] as const;

/** How many token responses went out, by grant. */
@Injectable()
export class IssuedTokens {
  readonly #counter;

  constructor(metrics: Metrics) {
    this.#counter = metrics.counter({
      name: 'gatehouse_tokens_issued_total',
      help: 'Token responses, by grant type.',
      labels: { grant: GRANTS },
    });
  }

  count(grantType: string | undefined): void {
    const grant = GRANTS.find((known) => known === grantType);
    if (grant) this.#counter.increment({ grant });
  }
}
