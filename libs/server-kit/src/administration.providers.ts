import {
  ClientAdministration,
  ClientAdministrationStore,
  ClientStore,
  InitialAccessTokens,
  InitialAccessTokenStore,
  PreRegistration,
  PreRegistrationStore,
  RegistrationTokenAdministration,
  ResourceStore,
  Secrets,
} from '@gatehouse/authorization-server';
import { Clock } from '@gatehouse/protocol';
import type { Provider } from '@nestjs/common';
import { ServerSettings } from './server-settings.js';

/** What operators do, for the administration API; the commands put the same together for themselves. */
export const administrationProviders: Provider[] = [
  {
    provide: PreRegistration,
    useFactory: ({ policy }: ServerSettings, clock: Clock, store: PreRegistrationStore, secrets: Secrets) =>
      new PreRegistration({ policy, clock, store, secrets }),
    inject: [ServerSettings, Clock, PreRegistrationStore, Secrets],
  },
  {
    provide: InitialAccessTokens,
    useFactory: (clock: Clock, initialAccessTokens: InitialAccessTokenStore) =>
      new InitialAccessTokens({ clock, initialAccessTokens }),
    inject: [Clock, InitialAccessTokenStore],
  },
  {
    provide: ClientAdministration,
    useFactory: (
      clock: Clock,
      clients: ClientStore,
      administration: ClientAdministrationStore,
      operator: PreRegistration,
      resources: ResourceStore,
    ) => new ClientAdministration({ clock, clients, administration, operator, resources }),
    inject: [Clock, ClientStore, ClientAdministrationStore, PreRegistration, ResourceStore],
  },
  {
    provide: RegistrationTokenAdministration,
    useFactory: (clock: Clock, tokens: InitialAccessTokens) => new RegistrationTokenAdministration({ clock, tokens }),
    inject: [Clock, InitialAccessTokens],
  },
];
