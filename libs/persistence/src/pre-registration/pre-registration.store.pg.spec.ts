import { preRegistrationStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

preRegistrationStoreContract('PgPreRegistrationStore', () => pgStoreFixture());
