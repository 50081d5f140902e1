/**
 * A person with a browser, without the browser: cookies, redirects, forms, and the headers that browsers add.
 * It goes through the real pages and stops where the browser would leave for the client's callback.
 * What only a real engine can tell (CSP, focus, layout) is ChromiumAgent's.
 */
import { type Answer, type Ask, ask, type Travel } from '../http.js';
import { CookieJar } from './cookie-jar.js';
import { type HtmlControl, type HtmlForm, readForms, visibleText } from './html-form.js';

export interface Person {
  readonly username: string;
  readonly password: string;
}

export interface Page {
  readonly kind: 'page';
  readonly url: string;
  readonly status: number;
  readonly answer: Answer;
  readonly html: string;
  readonly text: string;
  readonly forms: readonly HtmlForm[];
}

/** The browser is about to leave for the client. */
export interface Callback {
  readonly kind: 'callback';
  readonly url: string;
  readonly status: number;
  readonly parameters: URLSearchParams;
}

export interface Decision {
  readonly account: Person;
  /** false denies. */
  readonly approve?: boolean;
  /** Scopes whose box is unticked before approving. */
  readonly untick?: readonly string[];
}

/** The house showed a page where the journey should have gone on. */
export class PageError extends Error {
  override readonly name = 'PageError';
  constructor(
    message: string,
    readonly page: Page,
  ) {
    super(`${message}: ${page.status} ${page.url.split('?')[0] ?? ''} says "${page.text.slice(0, 300)}"`);
  }
}

const STEP = { signIn: /\/sign-in$/, consent: /\/consent$/, refusal: /\/refusal$/ } as const;

export class PageAgent {
  readonly jar = new CookieJar();
  /** Every exchange, oldest first. */
  readonly visits: Answer[] = [];
  /** Every page shown, oldest first. */
  readonly pages: Page[] = [];
  readonly #travel: Travel;

  constructor(travel: Travel = {}) {
    this.#travel = travel;
  }

  /** Types a URL. Redirects are followed until a page, or until one leads to `callback`. */
  open(url: string, callback?: string): Promise<Page | Callback> {
    return this.#go(url, { headers: { 'sec-fetch-site': 'none' } }, callback);
  }

  /** Presses a button of a form. `fill` overrides controls by name; an array chooses among checkboxes. */
  submit(
    page: Page,
    form: HtmlForm,
    fill: Readonly<Record<string, string | readonly string[]>> = {},
    button?: { readonly name: string; readonly value: string },
    callback?: string,
  ): Promise<Page | Callback> {
    const fields = new URLSearchParams(form.controls.flatMap((control) => sent(control, fill, button)));
    if (form.method === 'get') return this.open(`${form.action.split('?')[0] ?? ''}?${fields.toString()}`, callback);
    // A browser hides the origin behind a page that forbids referrers. @spec Fetch, "append a request Origin header"
    const hidden = page.answer.header('referrer-policy') === 'no-referrer';
    return this.#go(
      form.action,
      {
        method: 'POST',
        body: fields.toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          origin: hidden ? 'null' : new URL(page.url).origin,
          'sec-fetch-site': new URL(page.url).origin === new URL(form.action).origin ? 'same-origin' : 'cross-site',
          'sec-fetch-user': '?1',
        },
      },
      callback,
    );
  }

  /**
   * From an authorization URL to the callback: signs in when asked, decides on the consent page, and lets a refusal go
   * back to the client.
   * @throws PageError when the house shows a page without a way on, or asks for the password a second time
   */
  async authorize(url: string, decision: Decision, callback = redirectOf(url)): Promise<Callback> {
    let at = await this.open(url, callback);
    const done = new Set<string>();
    for (;;) {
      if (at.kind === 'callback') return at;
      const page = at;
      const step = (['signIn', 'consent', 'refusal'] as const).find((name) => formOf(page, STEP[name]));
      if (!step) throw new PageError('the journey ended on a page', page);
      if (done.has(step)) throw new PageError(`the house asks again (${step})`, page);
      done.add(step);
      if (step === 'signIn') at = await this.signIn(page, decision.account, callback);
      else if (step === 'consent') at = await this.decide(page, decision, callback);
      else at = await this.submit(page, required(page, STEP.refusal), {}, undefined, callback);
    }
  }

  signIn(page: Page, account: Person, callback?: string): Promise<Page | Callback> {
    const form = required(page, STEP.signIn);
    for (const name of ['username', 'password', 'csrf'])
      if (!form.controls.some((control) => control.name === name)) throw new PageError(`no control ${name}`, page);
    return this.submit(page, form, { username: account.username, password: account.password }, undefined, callback);
  }

  decide(page: Page, decision: Omit<Decision, 'account'>, callback?: string): Promise<Page | Callback> {
    const form = required(page, STEP.consent);
    const value = decision.approve === false ? 'deny' : 'approve';
    const button = form.controls.find((control) => control.name === 'decision' && control.value === value);
    if (button?.kind !== 'submit') throw new PageError(`no button to ${value}`, page);
    const offered = scopesOffered(page);
    const unknown = (decision.untick ?? []).filter((scope) => !offered.includes(scope));
    if (unknown.length > 0) throw new PageError(`no box for ${unknown.join(', ')}`, page);
    const ticked = offered.filter((scope) => !(decision.untick ?? []).includes(scope));
    return this.submit(page, form, { scope: ticked }, { name: 'decision', value }, callback);
  }

  async #go(url: string, first: Ask, callback?: string): Promise<Page | Callback> {
    let next: Ask = first;
    for (let hops = 0, at = url; hops < 12; hops += 1) {
      const answer = await this.exchange(at, next);
      const to = answer.location;
      if (to === undefined || answer.status < 300 || answer.status > 399) return this.#page(answer);
      // 307 and 308 would send the password on, 302 may. @spec OAuth 2.1 §7.5.4
      if (answer.status !== 303 && (answer.status !== 302 || next.method === 'POST'))
        throw new Error(
          `${next.method ?? 'GET'} ${at.split('?')[0] ?? ''} is answered with a redirect by ${answer.status}`,
        );
      if (callback !== undefined && isCallback(to, callback))
        return { kind: 'callback', url: to, status: answer.status, parameters: new URL(to).searchParams };
      if (new URL(to).origin !== new URL(at).origin) throw new Error(`a redirect to a foreign place: ${to}`);
      next = { headers: { 'sec-fetch-site': first.headers?.['sec-fetch-site'] ?? 'none' } };
      at = to;
    }
    throw new Error(`redirects without end from ${url}`);
  }

  /** One request with this browser's cookies, redirects not followed. */
  async exchange(url: string, request: Ask = {}): Promise<Answer> {
    const cookie = this.jar.header(url);
    const answer = await ask(url, {
      ...request,
      via: request.via ?? this.#travel.via?.(url),
      headers: {
        accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        ...this.#travel.headers,
        ...(cookie === undefined ? {} : { cookie }),
        ...request.headers,
      },
    });
    this.jar.store(url, answer.headers['set-cookie'] ?? []);
    this.visits.push(answer);
    return answer;
  }

  #page(answer: Answer): Page {
    const html = answer.type === 'text/html';
    const page: Page = {
      kind: 'page',
      url: answer.url,
      status: answer.status,
      answer,
      html: answer.text,
      text: html ? visibleText(answer.text) : answer.text,
      forms: html ? readForms(answer.text, answer.url) : [],
    };
    this.pages.push(page);
    return page;
  }
}

/** Scopes with a box on a consent page, in order. */
export function scopesOffered(page: Page): readonly string[] {
  const controls = formOf(page, STEP.consent)?.controls ?? [];
  return controls.filter(({ kind, name }) => kind === 'checkbox' && name === 'scope').map(({ value }) => value);
}

export function isSignIn(at: Page | Callback): at is Page {
  return at.kind === 'page' && formOf(at, STEP.signIn) !== undefined;
}

export function isConsent(at: Page | Callback): at is Page {
  return at.kind === 'page' && formOf(at, STEP.consent) !== undefined;
}

function formOf(page: Page, action: RegExp): HtmlForm | undefined {
  return page.forms.find((form) => action.test(new URL(form.action).pathname));
}

function required(page: Page, action: RegExp): HtmlForm {
  const form = formOf(page, action);
  if (!form) throw new PageError(`no form ${action.source}`, page);
  return form;
}

function redirectOf(url: string): string | undefined {
  return new URL(url).searchParams.get('redirect_uri') ?? undefined;
}

function isCallback(to: string, callback: string): boolean {
  return to === callback || to.startsWith(`${callback}${callback.includes('?') ? '&' : '?'}`);
}

/** What a browser sends for a control. */
function sent(
  control: HtmlControl,
  fill: Readonly<Record<string, string | readonly string[]>>,
  button: { readonly name: string; readonly value: string } | undefined,
): [string, string][] {
  const { kind, name, value, disabled } = control;
  if (name === undefined || disabled) return [];
  if (kind === 'submit') return button?.name === name && button.value === value ? [[name, value]] : [];
  const wanted = fill[name];
  if (kind === 'checkbox') {
    const ticked = wanted === undefined ? control.checked : Array.isArray(wanted) && wanted.includes(value);
    return ticked ? [[name, value]] : [];
  }
  return [[name, typeof wanted === 'string' ? wanted : value]];
}
