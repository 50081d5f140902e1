import { type LocalSignIn, Providers } from '@gatehouse/identity';
import { ServerSettings } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import type { SsoOffer } from '../pages/sign-in.page.js';

/** The ways to sign in that a page shows, as they stand now. */
@Injectable()
export class SignInOffers {
  readonly local: LocalSignIn;

  constructor(
    private readonly providers: Providers,
    { signInPolicy }: ServerSettings,
  ) {
    this.local = signInPolicy.localSignIn ?? 'on';
  }

  async sso(action: string, email?: string): Promise<SsoOffer> {
    const enabled = await this.providers.enabled();
    return {
      action,
      providers: enabled.map(({ id, name }) => ({ id, name })),
      byEmail: enabled.some(({ domains }) => domains.length > 0),
      ...(email === undefined ? {} : { email }),
    };
  }
}
