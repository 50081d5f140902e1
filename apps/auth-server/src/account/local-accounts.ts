import type { Account } from '@gatehouse/identity';
import { ServerSettings } from '@gatehouse/server-kit';
import { Injectable } from '@nestjs/common';

/** Who may sign in without an identity provider: a passkey is as local as a password. */
@Injectable()
export class LocalAccounts {
  /** Given away as it is, so bound. */
  readonly maySignIn: (account: Account) => boolean;

  constructor({ signInPolicy: { localSignIn = 'on' } }: ServerSettings) {
    this.maySignIn = ({ breakGlass }) => localSignIn === 'on' || (localSignIn === 'break-glass' && breakGlass === true);
  }
}
