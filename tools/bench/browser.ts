/** Just enough of a browser to sign in once: keeps cookies, follows redirects that stay here, sends forms as they are. */
import { type Answer, Connection, cookiesOf, headerOf } from './connection.ts';

export type Page = Answer & { readonly location?: string };

export class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** The Cookie header line. */
  get cookies(): string {
    return `cookie: ${[...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')}\r\n`;
  }

  /** Follows redirects to the first page, or to the first address elsewhere. */
  async get(path: string): Promise<Page> {
    return this.#follow(await this.#once((connection) => connection.get(path, this.cookies)));
  }

  async submit(page: Page, name: string, fields: Readonly<Record<string, string>>): Promise<Page> {
    const [, action = '', content = ''] =
      [...page.body.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].find(([, to]) =>
        to?.endsWith(`/${name}`),
      ) ?? [];
    if (action === '') throw new Error(`no form ${name} in a page of status ${String(page.status)}`);
    const form = new URLSearchParams(Object.entries(fields));
    for (const [, attributes = ''] of content.matchAll(/<input([^>]*)>/g)) {
      const field = /\bname="([^"]*)"/.exec(attributes)?.[1];
      if (field !== undefined && !(field in fields))
        form.append(field, /\bvalue="([^"]*)"/.exec(attributes)?.[1] ?? '');
    }
    const headers = `${this.cookies}origin: ${this.#origin}\r\n`;
    return this.#follow(await this.#once((connection) => connection.post(action, form.toString(), headers)));
  }

  async #once(send: (connection: Connection) => Promise<Answer>): Promise<Answer> {
    const connection = await Connection.open(this.#origin);
    try {
      const answer = await send(connection);
      for (const [name, value] of cookiesOf(answer.head)) this.#cookies.set(name, value);
      return answer;
    } finally {
      connection.close();
    }
  }

  async #follow(answer: Answer): Promise<Page> {
    const location = headerOf(answer.head, 'location');
    if (location === undefined) return answer;
    const url = new URL(location, this.#origin);
    if (url.origin !== this.#origin) return { ...answer, location };
    return this.get(url.pathname + url.search);
  }
}
