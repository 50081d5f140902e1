import type { NestFastifyApplication } from '@nestjs/platform-fastify';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly location: string | undefined;
}

/** A person's browser: keeps cookies, sends what Chrome sends with a form, and follows only what it is told to follow. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly origin = 'http://127.0.0.1:4000',
    private readonly remoteAddress = '192.0.2.10',
  ) {}

  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.#send('GET', url, { accept: 'text/html,application/xhtml+xml', ...headers });
  }

  async post(
    url: string,
    fields: Pairs | Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Page> {
    const pairs: Pairs = isPairs(fields) ? fields : Object.entries(fields);
    return this.#send(
      'POST',
      url,
      {
        accept: 'text/html,application/xhtml+xml',
        'content-type': 'application/x-www-form-urlencoded',
        origin: this.origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString(),
    );
  }

  /** Fills the form of `page` whose action ends in `name`, as far as `fields` do not say otherwise, and sends it. */
  async submit(page: Page, name: string, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = formOf(page, name);
    const filled = [...form.fields.filter(([field]) => !(field in fields)), ...Object.entries(fields)];
    return this.post(form.action, filled);
  }

  /** Follows redirects as long as they stay on the server. */
  async follow(page: Page): Promise<Page> {
    let current = page;
    while (current.location?.startsWith(this.origin)) current = await this.get(current.location);
    return current;
  }

  async #send(method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.app.inject({
      method,
      url: url.startsWith(this.origin) ? url.slice(this.origin.length) : url,
      headers: { ...headers, ...(cookie === '' ? {} : { cookie }) },
      remoteAddress: this.remoteAddress,
      ...(payload === undefined ? {} : { payload }),
    });
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) this.#keep(line);
    return {
      status: answer.statusCode,
      headers: answer.headers as Page['headers'],
      body: answer.body,
      location: answer.headers.location,
    };
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const name = pair.slice(0, pair.indexOf('='));
    if (/max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(pair.indexOf('=') + 1));
  }
}

type Pairs = readonly (readonly [string, string])[];

function isPairs(fields: Pairs | Readonly<Record<string, string>>): fields is Pairs {
  return Array.isArray(fields);
}

export interface PageForm {
  readonly action: string;
  /** As a browser would send them untouched: hidden fields and ticked boxes. */
  readonly fields: readonly (readonly [string, string])[];
}

export function formOf(page: Page, name: string): PageForm {
  const form = [...page.body.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].find(([, action]) =>
    action?.endsWith(`/${name}`),
  );
  if (!form) throw new Error(`no form ${name} in a page of status ${page.status}: ${page.body.slice(-400)}`);
  const fields = [...(form[2] ?? '').matchAll(/<input([^>]*)>/g)].flatMap(([, attributes = '']) => {
    const read = (attribute: string): string | undefined => {
      const value = new RegExp(`\\b${attribute}="([^"]*)"`).exec(attributes)?.[1];
      return value === undefined ? undefined : unescapeHtml(value);
    };
    const field = read('name');
    if (field === undefined || (read('type') === 'checkbox' && !/\bchecked\b/.test(attributes))) return [];
    return [[field, read('value') ?? ''] as const];
  });
  return { action: unescapeHtml(form[1] ?? ''), fields };
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
