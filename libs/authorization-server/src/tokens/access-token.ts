import type { Clock } from '@gatehouse/protocol';
import type { ServerPolicy } from '../server-policy.js';
import type { AccessTokenKeys } from './access-token-keys.js';
import type { Signer } from './signer.js';

export class AccessTokenIssuer {
  constructor(
    private readonly by: { readonly issuer: string; readonly policy: ServerPolicy; readonly signer: Signer },
  ) {}
}

export class AccessTokenReader {
  constructor(
    private readonly by: { readonly issuer: string; readonly clock: Clock; readonly keys: AccessTokenKeys },
  ) {}
}
