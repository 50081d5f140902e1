import { registrationStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

registrationStoreContract('PgRegistrationStore', () => pgStoreFixture());
