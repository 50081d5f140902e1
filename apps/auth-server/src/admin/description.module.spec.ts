import { clientRepresentation, registrationTokenRepresentation } from '@gatehouse/authorization-server';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Administrators } from '../testing/administrators.js';
import { type TrialServer, startTrialServer } from '../testing/trial-server.js';
import { ClientsController } from './clients.controller.js';
import { ADMINISTRATION_API } from './description.js';
import { RegistrationTokensController } from './registration-tokens.controller.js';

const METHODS = ['get', 'post', 'put', 'delete'] as const;

describe('the description of the administration API', () => {
  let server: TrialServer;
  beforeAll(async () => {
    server = await startTrialServer();
  });
  afterAll(() => server.close());

  const operations = Object.entries(ADMINISTRATION_API.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ path, method })),
  );

  it('names every route that there is, and none that there is not', () => {
    const fastify = server.app.getHttpAdapter().getInstance();
    for (const { path, method } of operations) {
      const route = { url: path.replace('{id}', ':id'), method: method.toUpperCase() as 'GET' };
      expect([route, fastify.hasRoute(route)]).toEqual([route, true]);
    }
    const handlers = [ClientsController, RegistrationTokensController].flatMap((controller) =>
      Object.getOwnPropertyNames(controller.prototype).filter((name) => name !== 'constructor'),
    );
    expect(operations).toHaveLength(handlers.length);
  });

  it('describes what is answered', async () => {
    const admin = new Administrators(server);
    const { token, client } = await admin.robot();
    const shown = await admin.call('GET', `/clients/${client.id}`, token);
    expect(clientRepresentation.strict().safeParse(shown.json()).error).toBeUndefined();
    const made = await admin.call('POST', '/registration-tokens', token, { label: 'Team A' });
    const { token: _, ...shownToken } = made.json<{ token: string }>();
    expect(registrationTokenRepresentation.strict().safeParse(shownToken).error).toBeUndefined();
  });
});
