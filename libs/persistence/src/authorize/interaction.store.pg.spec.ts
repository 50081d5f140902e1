import { interactionStoreContract } from '@gatehouse/authorization-server/testing';
import { pgStoreFixture } from '../testing/index.js';

interactionStoreContract('PgInteractionStore', () => pgStoreFixture());
