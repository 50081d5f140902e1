import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { requestingNetwork, workFor } from './requester.js';

describe('the network that work is done for', () => {
  it('is known to all that the work begins, also later, and to nothing else', async () => {
    const seen: (string | undefined)[] = [];
    const work = (network: string): Promise<void> =>
      new Promise((resolve) => {
        workFor(
          () => network,
          () => {
            void pause(1).then(() => {
              seen.push(requestingNetwork());
              resolve();
            });
          },
        );
      });
    await Promise.all([work('192.0.2.1'), work('192.0.2.2')]);
    expect(seen.sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(requestingNetwork()).toBeUndefined();
  });
});
