import { AccountFactors, type Person, Sessions } from '@gatehouse/identity';
import { pathOf } from '@gatehouse/metadata';
import type { RenderedPage } from '@gatehouse/pages';
import { ServerSettings, csrfToken } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import { accountPage, accountSignInPage } from '../pages/account.page.js';

/** What the forms of the account pages are bound to, instead of an interaction: the name of their endpoint. */
export const ACCOUNT_FORM = 'account';

@Injectable()
export class AccountPages {
  readonly base: string;
  readonly #signOutHref: string;

  constructor(
    { issuer }: ServerSettings,
    private readonly factors: AccountFactors,
    private readonly sessions: Sessions,
  ) {
    this.base = `${pathOf(issuer)}/account`;
    this.#signOutHref = `${pathOf(issuer)}/logout`;
  }

  csrf(browser: string): string {
    return csrfToken(browser, ACCOUNT_FORM);
  }

  signIn(browser: string, typed: { readonly username?: string; readonly problem?: string } = {}): RenderedPage {
    return accountSignInPage({ action: `${this.base}/sign-in`, csrf: this.csrf(browser), ...typed });
  }

  async overview(browser: string, person: Person): Promise<RenderedPage> {
    const [factors, sessions, mayChange] = await Promise.all([
      this.factors.view(person),
      this.sessions.list(person),
      this.factors.mayChange(person),
    ]);
    return accountPage({
      personName: person.displayName,
      base: this.base,
      signOutHref: this.#signOutHref,
      csrf: this.csrf(browser),
      mayChange,
      factors,
      sessions,
      current: person.sid,
    });
  }
}
