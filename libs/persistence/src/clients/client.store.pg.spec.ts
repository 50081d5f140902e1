import { clientStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

clientStoreContract('PgClientStore', () => pgStoreFixture());
