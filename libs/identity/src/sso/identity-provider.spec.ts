import { describe, expect, it } from '@jest/globals';
import { PROVIDER_ID } from './identity-provider.js';

describe('the id of a provider', () => {
  it.each(['okta', 'a', 'entra-id', 'local-directory', 'locals'])('may be %s', (id) => {
    expect(PROVIDER_ID.test(id)).toBe(true);
  });

  it.each(['local', 'Local', 'okta/finance', 'okta.com', '-a', '*', '', 'ökta'])(
    'is never %j: the groups below it would be taken for others',
    (id) => {
      expect(PROVIDER_ID.test(id)).toBe(false);
    },
  );
});
