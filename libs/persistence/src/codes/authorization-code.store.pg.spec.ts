import { authorizationCodeStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

authorizationCodeStoreContract('PgAuthorizationCodeStore', () => pgStoreFixture());
