import type { TokenHash } from '@gatehouse/protocol';
import type { PushedRequest } from './pushed-request.js';

/** A pushed request is used up by InteractionStore.beginPushed, together with the interaction it becomes. */
export abstract class PushedRequestStore {
  abstract push(request: PushedRequest): Promise<void>;
  /** Only one that is neither used nor expired. */
  abstract find(id: TokenHash, now: Date): Promise<PushedRequest | undefined>;
}
