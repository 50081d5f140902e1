import { clientUsageStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

clientUsageStoreContract('PgClientUsageStore', () => pgStoreFixture());
