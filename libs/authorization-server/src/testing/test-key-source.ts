import { ClientKeySource } from '../clients/client-key-source.js';

/** The web as the server sees it: what is published where, and what was fetched. */
export class TestKeySource extends ClientKeySource {
  readonly published = new Map<string, unknown>();
  readonly fetched: string[] = [];

  override load(jwksUri: string): Promise<unknown> {
    this.fetched.push(jwksUri);
    return Promise.resolve(this.published.get(jwksUri));
  }
}
