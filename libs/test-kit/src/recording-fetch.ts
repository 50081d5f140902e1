/**
 * A fetch that keeps what went over the wire, so that a test or the demo can say what really happened instead of what a
 * library reports.
 */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Headers;
  readonly requestBody: string;
  readonly status: number;
  readonly responseHeaders: Headers;
  /** Text of a JSON answer; '' for streams. */
  readonly responseBody: string;
}

export class RecordingFetch {
  readonly exchanges: Exchange[] = [];
  /** May replace an answer before the caller sees it: a hostile or broken network. */
  intercept: ((url: string, response: Response) => Response | Promise<Response>) | undefined;

  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const requestBody = await request.clone().text();
    let response = await fetch(request);
    if (this.intercept) response = await this.intercept(request.url, response);
    const json = /^application\/([a-z-]+\+)?json/.test(response.headers.get('content-type') ?? '');
    this.exchanges.push({
      method: request.method,
      url: request.url,
      requestHeaders: request.headers,
      requestBody,
      status: response.status,
      responseHeaders: response.headers,
      responseBody: json ? await response.clone().text() : '',
    });
    return response;
  };

  /** The exchanges from index `from` on that fit. */
  find(fits: (exchange: Exchange) => boolean, from = 0): readonly Exchange[] {
    return this.exchanges.slice(from).filter(fits);
  }

  /** @throws Error when none fits */
  last(what: string, fits: (exchange: Exchange) => boolean, from = 0): Exchange {
    const found = this.find(fits, from).at(-1);
    if (!found) throw new Error(`never seen on the wire: ${what}`);
    return found;
  }
}
