export interface UpstreamRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** More than so many bytes are a failure. */
  readonly maxBytes?: number;
  /** `internal`: the operator said that this provider is inside the company's network. */
  readonly network: 'public' | 'internal';
}

export interface UpstreamAnswer {
  readonly status: number;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The only way in which connectors fetch. https always; redirects are answers; time, size and number are bounded. */
export abstract class UpstreamFetch {
  /** @throws SsoProblem provider_unavailable */
  abstract fetch(url: string, request: UpstreamRequest): Promise<UpstreamAnswer>;
}
