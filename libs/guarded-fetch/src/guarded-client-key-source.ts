import { ClientKeySource } from '@gatehouse/authorization-server';
import type { GuardedFetch } from './guarded-fetch.js';

/** Twenty RSA keys of 4096 bits. */
const MAX_BYTES = 32 * 1024;

/** Key sets of clients, from where they publish them. Only a plain answer counts: no redirect, no other status. */
export class GuardedClientKeySource extends ClientKeySource {
  constructor(private readonly fetch: GuardedFetch) {
    super();
  }

  override async load(jwksUri: string): Promise<unknown> {
    const answer = await this.fetch.get(jwksUri, {
      accept: 'application/jwk-set+json, application/json',
      maxBytes: MAX_BYTES,
    });
    if (answer.kind === 'failure' || answer.status !== 200) return undefined;
    try {
      return JSON.parse(answer.body.toString('utf8')) as unknown;
    } catch {
      return undefined;
    }
  }
}
