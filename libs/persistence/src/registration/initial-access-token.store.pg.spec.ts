import { initialAccessTokenStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

initialAccessTokenStoreContract('PgInitialAccessTokenStore', () => pgStoreFixture());
