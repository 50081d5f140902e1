import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { requireDatabase, requireQueue } from './own-services.ts';
import { freePort } from './ports.ts';

describe('a PostgreSQL or Redis of your own', () => {
  it('is named by its variable, and not by its password, when nothing listens there', async () => {
    const at = `nobody:secret@127.0.0.1:${String(await freePort())}`;
    const database = requireDatabase(`postgres://${at}/x`);
    await expect(database).rejects.toThrow(/^The database of DATABASE_URL cannot be used: connect ECONNREFUSED/);
    const queue = requireQueue(`redis://${at}`);
    await expect(queue).rejects.toThrow(/^The queue of QUEUE_URL cannot be reached: connect ECONNREFUSED/);
    for (const attempt of [database, queue]) await expect(attempt).rejects.not.toThrow(/secret/);
  });

  it('is left to the applications when it listens, or is no such URL', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await requireQueue(`redis://127.0.0.1:${String(port)}/1`);
    await requireQueue('http://127.0.0.1:1');
    await requireDatabase('mysql://127.0.0.1:1');
    await new Promise((resolve) => server.close(resolve));
  });
});
