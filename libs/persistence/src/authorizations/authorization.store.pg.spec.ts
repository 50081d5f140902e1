import { authorizationStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

authorizationStoreContract('PgAuthorizationStore', () => pgStoreFixture());
