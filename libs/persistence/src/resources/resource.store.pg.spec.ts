import { resourceStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

resourceStoreContract('PgResourceStore', () => pgStoreFixture());
