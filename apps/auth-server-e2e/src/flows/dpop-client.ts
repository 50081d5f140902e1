/** A client by hand that proves its key, for tests that send what a library would not. */
import {
  type Answer,
  DpopFetch,
  type OAuthFlow,
  type PendingAuthorization,
  type RegisteredClient,
} from '@gatehouse/test-kit';
import { house } from './house.js';

type Fields = Readonly<Record<string, string | undefined>>;

export class DpopClient {
  private constructor(
    readonly key: DpopFetch,
    readonly client: RegisteredClient,
  ) {}

  /** A registered client with a key of its own, which knows no nonce yet. */
  static async register(metadata: Readonly<Record<string, unknown>> = {}): Promise<DpopClient> {
    return new DpopClient(await DpopFetch.create(), await house.register(metadata));
  }

  /** Somebody who has all that belongs to this client but its key. */
  async thief(): Promise<DpopClient> {
    const thief = new DpopClient(await DpopFetch.create(), this.client);
    await thief.learnNonce();
    return thief;
  }

  async learnNonce(flow = house): Promise<string> {
    const answer = await this.send({ grant_type: 'refresh_token', refresh_token: 'none' }, flow);
    return answer.header('dpop-nonce') ?? '';
  }

  proof(path = 'token'): Promise<string> {
    return this.key.proof('POST', house.endpoint(path));
  }

  /** A token request with a new proof, or with the one given; remembers the nonce that the answer tells. */
  async send(fields: Fields, flow: OAuthFlow = house, proof?: string): Promise<Answer> {
    const dpop = proof ?? (await this.proof());
    const answer = await flow.token({ client_id: this.client.client_id, ...fields }, { dpop });
    const nonce = answer.header('dpop-nonce');
    if (nonce !== undefined) this.key.learn(house.endpoint('token'), nonce);
    return answer;
  }

  refresh(refreshToken: string, flow: OAuthFlow = house, proof?: string): Promise<Answer> {
    return this.send({ grant_type: 'refresh_token', refresh_token: refreshToken }, flow, proof);
  }

  redeem(pending: PendingAuthorization, code: string, flow: OAuthFlow = house, proof?: string): Promise<Answer> {
    return this.send(codeFields(pending, code), flow, proof);
  }
}

export function codeFields(pending: PendingAuthorization, code: string): Fields {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: pending.redirectUri,
    code_verifier: pending.pkce.verifier,
    resource: pending.resource,
  };
}
