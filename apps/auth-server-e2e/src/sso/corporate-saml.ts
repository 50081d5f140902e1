/** The sign-in pages of a company whose identity provider is samlify: a name is typed, an answer is posted by the browser. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CorporateSaml, type CorporateSamlOptions, type ReadRequest, type SamlPerson } from '@gatehouse/test-kit';

export interface SamlHouse {
  readonly idp: CorporateSaml;
  readonly origin: string;
  readonly employees: Map<string, SamlPerson>;
  /** Requests as they were understood, newest last. */
  readonly requests: ReadRequest[];
  /** Changes the answer in the browser, or says it otherwise. */
  answer: (request: ReadRequest, person: SamlPerson) => Promise<string>;
  close(): Promise<void>;
}

/** On `localhost`, so that it is another site than a house on 127.0.0.1, and the other way round. */
export async function startCorporateSaml(host: string, options: CorporateSamlOptions = {}): Promise<SamlHouse> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://${host}:${String((server.address() as AddressInfo).port)}`;
  const idp = new CorporateSaml({ entityId: `${origin}/saml`, signInUrl: `${origin}/sign-in`, ...options });
  const house: SamlHouse = {
    idp,
    origin,
    employees: new Map(),
    requests: [],
    answer: (request, person) => idp.answer(request.id, person),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('request', (request, response) => {
    shown(house, request).then(
      ({ type, body }) => response.writeHead(200, { 'content-type': type }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  return house;
}

async function shown(house: SamlHouse, request: IncomingMessage): Promise<{ type: string; body: string }> {
  const type = 'text/html; charset=utf-8';
  if (request.url === '/saml/metadata') return { type: 'application/samlmetadata+xml', body: house.idp.metadata };
  if (request.method === 'GET') {
    const asked = await house.idp.read(`${house.origin}${request.url ?? ''}`);
    house.requests.push(asked);
    const action = `/answer?id=${asked.id}&relay=${encodeURIComponent(asked.relayState ?? '')}`;
    return {
      type,
      body: `<title>Corp</title><form method="post" action="${action}"><input name="login"><button type="submit">Go</button></form>`,
    };
  }
  const { searchParams } = new URL(request.url ?? '', house.origin);
  const person = house.employees.get(new URLSearchParams(await text(request)).get('login') ?? '');
  const asked = house.requests.find(({ id }) => id === searchParams.get('id'));
  if (!person || !asked) throw new Error('nobody of this name, or no request of this id');
  const fields = { SAMLResponse: await house.answer(asked, person), RelayState: asked.relayState ?? '' };
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
  return {
    type,
    body: `<title>Back</title><form method="post" action="${asked.acs}">${inputs.join('')}<button type="submit">Back</button></form>`,
  };
}
