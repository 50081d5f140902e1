import { KeySetSource } from '@gatehouse/token-validation';
import { fetchJson } from './fetch-json.js';
import type { IssuerEndpoints } from './issuer-endpoints.js';

export class HttpKeySetSource extends KeySetSource {
  constructor(private readonly endpoints: IssuerEndpoints) {
    super();
  }

  override async fetch(): Promise<unknown> {
    try {
      return await fetchJson(await this.endpoints.keySet());
    } catch (cause) {
      this.endpoints.forget();
      throw cause;
    }
  }
}
