/** One request, or one flow, of each kind. An operation that runs out of what it needs says so by `false`. */
import { authorize, type OperationName, redeem, SCOPE, type Target, tokensOf, type Worker } from './target.ts';

export type Operation = (worker: Worker) => Promise<boolean>;

/** Tokens that introspection is asked about again and again. */
const KNOWN_TOKENS = 256;
const scope = `&scope=${encodeURIComponent(SCOPE)}`;

export class Operations {
  readonly #target: Target;
  /** Never shown to introspection yet. */
  readonly #fresh: string[] = [];
  readonly #known: string[] = [];
  #next = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Fills what introspection asks about. */
  async prepare(worker: Worker): Promise<void> {
    const { introspectable } = this.#target;
    while (this.#known.length < KNOWN_TOKENS) this.#known.push(await this.#clientCredentials(worker, introspectable));
  }

  get(name: OperationName): Operation {
    switch (name) {
      case 'client_credentials':
        return async (worker) => {
          this.#fresh.push(await this.#clientCredentials(worker));
          return true;
        };
      case 'introspect_first':
        return async (worker) => {
          // A server that looks its tokens up each time knows no difference.
          const token = this.#target.introspectable === '' ? this.#fresh.pop() : this.#known[0];
          return token === undefined ? false : this.#introspect(worker, token);
        };
      case 'introspect':
        return (worker) => this.#introspect(worker, this.#known[(this.#next += 1) % KNOWN_TOKENS] ?? '');
      case 'refresh':
        return async (worker) => {
          const { paths, client } = this.#target;
          const form = `grant_type=refresh_token&refresh_token=${worker.refreshToken}`;
          const answer = await worker.connection.post(paths.token, form, client);
          worker.refreshToken = tokensOf(this.#target, answer).refresh_token;
          return true;
        };
      case 'code':
        return async (worker) => {
          await redeem(this.#target, worker.connection, await authorize(this.#target, worker));
          return true;
        };
    }
  }

  async #clientCredentials({ connection }: Worker, more = ''): Promise<string> {
    const { paths, client } = this.#target;
    const form = `grant_type=client_credentials${scope}${more}`;
    return tokensOf(this.#target, await connection.post(paths.token, form, client)).access_token;
  }

  async #introspect({ connection }: Worker, token: string): Promise<boolean> {
    const { paths, resourceServer, name } = this.#target;
    const { body } = await connection.post(paths.introspect, `token=${token}`, resourceServer);
    if (!body.includes('"active":true')) throw new Error(`${name} does not know its token: ${body.slice(0, 200)}`);
    return true;
  }
}
