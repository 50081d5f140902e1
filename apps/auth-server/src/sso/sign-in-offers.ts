import { Connectors, Directories, type LocalSignIn, Providers, RedirectConnector } from '@gatehouse/identity';
import { ServerSettings } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';
import type { SsoOffer } from '../pages/sign-in.page.js';

/** The ways to sign in that a page shows, as they stand now. */
@Injectable()
export class SignInOffers {
  readonly local: LocalSignIn;

  constructor(
    private readonly providers: Providers,
    private readonly connectors: Connectors,
    private readonly directories: Directories,
    { signInPolicy }: ServerSettings,
  ) {
    this.local = signInPolicy.localSignIn ?? 'on';
  }

  /** For whom there is a password form. */
  async passwords(): Promise<LocalSignIn> {
    return (await this.directories.exist()) ? 'on' : this.local;
  }

  async sso(action: string, email?: string): Promise<SsoOffer> {
    // A directory has no page to go to: its people use the password form here.
    const enabled = (await this.providers.enabled()).filter(
      ({ kind }) => this.connectors.of(kind) instanceof RedirectConnector,
    );
    return {
      action,
      providers: enabled.map(({ id, name }) => ({ id, name })),
      byEmail: enabled.some(({ domains }) => domains.length > 0),
      ...(email === undefined ? {} : { email }),
    };
  }
}
