import { SsoProblem, type UpstreamAnswer, UpstreamFetch, type UpstreamRequest } from '@gatehouse/identity';
import type { GuardedFetch } from './guarded-fetch.js';

const DEFAULT_MAX_BYTES = 512 * 1024;

/** What connectors of identity providers fetch: the operator's choice of the network decides by which rules. */
export class GuardedUpstreamFetch extends UpstreamFetch {
  constructor(private readonly by: { readonly public: GuardedFetch; readonly internal: GuardedFetch }) {
    super();
  }

  override async fetch(url: string, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const answer = await this.by[request.network].request(url, {
      accept: headers['accept'] ?? '*/*',
      headers,
      maxBytes: request.maxBytes ?? DEFAULT_MAX_BYTES,
      ...(request.method === 'POST' ? { body: request.body ?? '' } : {}),
    });
    if (answer.kind === 'failure')
      throw new SsoProblem('provider_unavailable', new Error(answer.problem, { cause: answer.cause }));
    return answer;
  }
}
