import { assertionReplayStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

assertionReplayStoreContract('PgAssertionReplayStore', () => pgStoreFixture());
