/** A browser brought to each page of the journey. */
import { isConsent, isSignIn, LOOPBACK_CALLBACK, type Page, type PageAgent, PageError } from '@gatehouse/test-kit';
import { anna, house, invoices } from '../flows/house.js';

export interface At {
  readonly browser: PageAgent;
  readonly page: Page;
}

export async function atSignIn(parameters: Readonly<Record<string, string>> = {}): Promise<At> {
  const browser = house.browser();
  const { url } = house.begin(await house.register(), { resource: invoices, parameters });
  const page = await browser.open(url, LOOPBACK_CALLBACK);
  if (!isSignIn(page)) throw new Error('no sign-in page');
  return { browser, page };
}

export async function atConsent(): Promise<At> {
  const { browser, page } = await atSignIn();
  const consent = await browser.signIn(page, anna, LOOPBACK_CALLBACK);
  if (!isConsent(consent)) throw new Error('no consent page');
  return { browser, page: consent };
}

/** The page that says what went wrong, before the browser takes that to the client. */
export async function atRefusal(): Promise<At> {
  const { browser, page } = await atSignIn({ scope: 'nonsense' });
  const refusal = (await browser.signIn(page, anna, LOOPBACK_CALLBACK)) as Page;
  formAt(refusal, 'refusal');
  return { browser, page: refusal };
}

/** What the form of a page would send. */
export function formAt(page: Page, name: string): { readonly action: string; readonly fields: Record<string, string> } {
  const form = page.forms.find(({ action }) => action.endsWith(`/${name}`));
  if (!form) throw new PageError(`no form ${name}`, page);
  const fields = form.controls
    .filter(({ kind, name: control }) => control !== undefined && kind !== 'submit')
    .map(({ name: control = '', value }): [string, string] => [control, value]);
  return { action: form.action, fields: Object.fromEntries(fields) };
}
