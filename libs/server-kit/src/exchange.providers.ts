import {
  AccessTokenReader,
  AuthorizationStore,
  ExchangeStore,
  TokenExchangeGrant,
} from '@gatehouse/authorization-server';
import type { Provider } from '@nestjs/common';
import { ServerSettings } from './server-settings.js';

export const exchangeProviders: Provider[] = [
  {
    provide: TokenExchangeGrant,
    useFactory: (
      { policy, trust }: ServerSettings,
      accessTokens: AccessTokenReader,
      authorizations: AuthorizationStore,
      exchanges: ExchangeStore,
    ) => new TokenExchangeGrant({ policy, trust, accessTokens, authorizations, exchanges }),
    inject: [ServerSettings, AccessTokenReader, AuthorizationStore, ExchangeStore],
  },
];
