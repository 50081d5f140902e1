import {
  type Answer,
  type Ask,
  type CommandAnswer,
  PageAgent,
  readForms,
  visibleText,
  type HtmlForm,
  pause,
} from '@gatehouse/test-kit';

export interface Shown {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly html: string;
}

/**
 * A browser that goes to other houses: follows whatever redirect and refresh there is, on any origin, and fills forms of pages that
 * nobody here wrote. It stops where it would leave for the app.
 */
export class CorporateBrowser {
  readonly agent = new PageAgent();
  readonly visits: Answer[] = [];

  constructor(private readonly via?: string) {}

  /** From a URL to a page, or to the app's callback. */
  async go(url: string, callback?: string, first: Ask = {}): Promise<Shown> {
    let [at, request] = [url, first];
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await this.agent.exchange(at, this.via === undefined ? request : { ...request, via: this.via });
      this.visits.push(answer);
      const next = answer.location ?? /^0; url=(.*)$/.exec(answer.header('refresh') ?? '')?.[1];
      if (next === undefined)
        return { url: at, status: answer.status, text: visibleText(answer.text), html: answer.text };
      at = new URL(next, at).href;
      request = {};
      if (callback !== undefined && at.startsWith(callback))
        return { url: at, status: answer.status, text: '', html: '' };
    }
    throw new Error(`redirects without end from ${url}`);
  }

  /** Sends the form of our page whose action ends so. */
  async press(page: Shown, name: string, fields: Readonly<Record<string, string>>, callback?: string): Promise<Shown> {
    const form = formOf(page, name);
    const hidden = form.controls
      .filter(({ kind }) => kind === 'hidden')
      .map(({ name: field, value }) => [field ?? '', value]);
    return this.#post(
      page,
      form.action,
      { ...(Object.fromEntries(hidden) as Record<string, string>), ...fields },
      callback,
    );
  }

  /** Sends the first form of a page of theirs. */
  async fill(page: Shown, fields: Readonly<Record<string, string>>, callback?: string): Promise<Shown> {
    const [, action = ''] = /<form[^>]*action="([^"]*)"/.exec(page.html) ?? [];
    const hidden = [...page.html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    return this.#post(page, new URL(action, page.url).href, { ...Object.fromEntries(hidden), ...fields }, callback);
  }

  #post(page: Shown, action: string, fields: Readonly<Record<string, string>>, callback?: string): Promise<Shown> {
    return this.go(action, callback, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: new URL(page.url).origin,
        'sec-fetch-site': 'same-origin',
      },
    });
  }
}

/** Until every replica goes by a change of providers, in milliseconds: they read them every five seconds. */
const CHANGE_COUNTS = 5_500;

/** A command that changes providers, and the time until the change counts; one that was refused changes nothing. */
export async function changing(command: Promise<CommandAnswer>): Promise<CommandAnswer> {
  const answer = await command;
  if (answer.exitCode === 0) await pause(CHANGE_COUNTS);
  return answer;
}

/** A server goes by a change of providers within five seconds: reloads the page until it has the button. */
export async function untilOffered(browser: CorporateBrowser, url: string, name: string): Promise<Shown> {
  for (const until = Date.now() + 8_000; ;) {
    const page = await browser.go(url);
    if (page.text.includes(`Sign in with ${name}`)) return page;
    if (Date.now() > until) throw new Error(`no button for ${name}: ${page.text.slice(0, 400)}`);
    await pause(250);
  }
}

export function formOf(page: Shown, name: string): HtmlForm {
  const form = readForms(page.html, page.url).find(({ action }) => action.endsWith(`/${name}`));
  if (!form) throw new Error(`no form ${name} at ${page.url} (${String(page.status)}): ${page.text.slice(0, 400)}`);
  return form;
}
