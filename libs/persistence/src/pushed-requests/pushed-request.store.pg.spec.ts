import { pushedRequestStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

pushedRequestStoreContract('PgPushedRequestStore', () => pgStoreFixture());
