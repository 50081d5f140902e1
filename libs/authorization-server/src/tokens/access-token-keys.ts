import type { KeyId } from '@gatehouse/protocol';
import type { KeyObject } from 'node:crypto';

/** Public keys of this server by `kid`; the key ring knows them. */
export abstract class AccessTokenKeys {
  /** Undefined: no such key is published. */
  abstract verificationKey(kid: KeyId): Promise<KeyObject | undefined>;
}
