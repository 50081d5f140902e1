import {
  clientDeclaration,
  clientRepresentation,
  pageQuery,
  registrationTokenRepresentation,
  registrationTokenRequest,
  secretRequest,
} from '@gatehouse/authorization-server';
import { z } from 'zod';

/*
 * The description of the administration API (OpenAPI 3.1), made from the schemas that the server reads requests with, and
 * checked in as docs/admin-api.json. tools/checks/admin-api.check.ts keeps the two together. The server does not serve it:
 * it is the same for everybody who runs this version.
 */

type Json = Readonly<Record<string, unknown>>;

const problem = z.object({
  type: z.string().describe('urn:gatehouse:problem: and the code'),
  title: z.string(),
  status: z.int(),
  problems: z
    .array(z.object({ member: z.string(), problem: z.string() }))
    .optional()
    .describe('What is wrong with which member'),
});

const SCHEMAS = {
  Client: output(clientRepresentation),
  ClientDeclaration: input(clientDeclaration),
  ClientQuery: input(pageQuery),
  SecretRequest: input(secretRequest),
  RegistrationToken: output(registrationTokenRepresentation),
  RegistrationTokenRequest: input(registrationTokenRequest),
  Problem: output(problem),
};

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'Malformed, or not acceptable; `problems` says what',
  401: 'No access token, or none that is good here; WWW-Authenticate says what to bring',
  403: 'The token lacks a scope, or only a command may do this',
  404: 'There is nothing of this name',
  409: 'The record is not in a state that allows this',
  412: 'The client was changed since that version',
  428: 'If-Match is missing',
  429: 'Too many requests from this network',
};

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'Percent-encoded' };
const version = { ETag: { schema: { type: 'string' }, description: 'The version of the client' } };
const client = (status: 200 | 201, more: Json = {}) => ({
  [status]: { description: 'The client as it is now', headers: version, ...json(withMembers('Client', more)) },
});
const SECRET = { client_secret: { type: 'string', description: 'Shown now or never' } };
const DECLARED = {
  ...SECRET,
  unknown_scopes: { type: 'array', items: { type: 'string' }, description: 'Scopes that no resource has' },
};
const READ = ['clients:read'];
const WRITE = ['clients:write'];

const PATHS = {
  '/admin/clients': {
    get: {
      ...operation('listClients', 'Clients of every origin, page by page', READ),
      parameters: Object.entries((SCHEMAS.ClientQuery['properties'] ?? {}) as Record<string, Json>).map(
        ([name, { description, ...schema }]) => ({
          name,
          in: 'query',
          schema,
          ...(description ? { description } : {}),
        }),
      ),
      responses: refusals([400], {
        200: {
          description: 'A page, by id; `next_cursor` is there when there are more',
          ...json({
            type: 'object',
            properties: { clients: { type: 'array', items: ref('Client') }, next_cursor: { type: 'string' } },
            required: ['clients'],
          }),
        },
      }),
    },
    post: {
      ...operation('createClient', 'Declare a client', WRITE),
      requestBody: body('ClientDeclaration'),
      responses: refusals([400, 409], client(201, DECLARED)),
    },
  },
  '/admin/clients/{id}': {
    parameters: [id],
    get: { ...operation('readClient', 'One client', READ), responses: refusals([404], client(200)) },
    put: {
      ...operation('replaceClient', 'Replace the declaration of a client as a whole', WRITE),
      parameters: [
        {
          name: 'If-Match',
          in: 'header',
          required: true,
          schema: { type: 'string' },
          description: 'The version that is to be replaced, or *',
        },
      ],
      requestBody: body('ClientDeclaration'),
      responses: refusals([400, 404, 409, 412, 428], client(200, DECLARED)),
    },
    delete: {
      ...operation('deleteClient', 'Delete a client with all that hangs on it', WRITE),
      responses: refusals([404], nothing()),
    },
  },
  '/admin/clients/{id}/disable': {
    parameters: [id],
    post: { ...operation('disableClient', 'Stop a client', WRITE), responses: refusals([404], client(200)) },
  },
  '/admin/clients/{id}/enable': {
    parameters: [id],
    post: { ...operation('enableClient', 'Let a client go on', WRITE), responses: refusals([404], client(200)) },
  },
  '/admin/clients/{id}/revoke': {
    parameters: [id],
    post: {
      ...operation('revokeClient', 'End all authorizations of a client; it may ask again', WRITE),
      responses: refusals([404], {
        200: {
          description: 'How many were ended',
          ...json({
            type: 'object',
            properties: { authorizations: { type: 'integer' } },
            required: ['authorizations'],
          }),
        },
      }),
    },
  },
  '/admin/clients/{id}/secrets': {
    parameters: [id],
    post: {
      ...operation('renewSecret', 'Give a client a new secret; the one before stays good for a while', WRITE),
      requestBody: body('SecretRequest'),
      responses: refusals([400, 404, 409], client(201, SECRET)),
    },
  },
  '/admin/clients/{id}/secrets/previous': {
    parameters: [id],
    delete: {
      ...operation('endPreviousSecret', 'End the secret that was kept beside the newest', WRITE),
      responses: refusals([404, 409], nothing()),
    },
  },
  '/admin/registration-tokens': {
    get: {
      ...operation('listRegistrationTokens', 'Tokens that let clients register, the newest first', READ),
      responses: refusals([], {
        200: {
          description: 'All of them',
          ...json({
            type: 'object',
            properties: { registration_tokens: { type: 'array', items: ref('RegistrationToken') } },
            required: ['registration_tokens'],
          }),
        },
      }),
    },
    post: {
      ...operation('createRegistrationToken', 'Make a token that lets clients register', WRITE),
      requestBody: body('RegistrationTokenRequest'),
      responses: refusals([400], {
        201: {
          description: 'The token',
          ...json(withMembers('RegistrationToken', { token: { type: 'string', description: 'Shown now or never' } })),
        },
      }),
    },
  },
  '/admin/registration-tokens/{id}': {
    parameters: [id],
    delete: {
      ...operation('revokeRegistrationToken', 'End such a token; clients that came with it stay', WRITE),
      responses: refusals([404], nothing()),
    },
  },
};

/** @spec OpenAPI 3.1.1 §4.8 */
export const ADMINISTRATION_API = {
  openapi: '3.1.1',
  info: {
    title: 'Gatehouse administration',
    version: '1',
    description:
      'Clients and registration tokens. Access tokens are for the resource `{issuer}/admin`; see docs/operating-clients.md.',
  },
  servers: [{ url: '{issuer}', variables: { issuer: { default: 'http://127.0.0.1:4000' } } }],
  paths: PATHS,
  components: {
    schemas: SCHEMAS,
    securitySchemes: {
      accessToken: {
        type: 'oauth2',
        flows: {
          authorizationCode: {
            authorizationUrl: '{issuer}/authorize',
            tokenUrl: '{issuer}/token',
            scopes: { 'clients:read': 'See clients', 'clients:write': 'Change clients' },
          },
          clientCredentials: {
            tokenUrl: '{issuer}/token',
            scopes: { 'clients:read': 'See clients', 'clients:write': 'Change clients' },
          },
        },
      },
    },
  },
};

function operation(operationId: string, summary: string, scopes: readonly string[]) {
  return { operationId, summary, security: [{ accessToken: scopes }] };
}

function refusals(codes: readonly number[], answers: Json): Json {
  const problems = [...codes, 401, 403, 429].map((code) => [
    code,
    { description: REFUSALS[code], content: { 'application/problem+json': { schema: ref('Problem') } } },
  ]);
  return { ...answers, ...(Object.fromEntries(problems) as Json) };
}

function json(schema: Json) {
  return { content: { 'application/json': { schema } } };
}

function body(name: keyof typeof SCHEMAS) {
  return { required: true, ...json(ref(name)) };
}

function nothing(): Json {
  return { 204: { description: 'Done' } };
}

function ref(name: keyof typeof SCHEMAS): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function withMembers(name: keyof typeof SCHEMAS, properties: Json): Json {
  return Object.keys(properties).length === 0 ? ref(name) : { allOf: [ref(name), { type: 'object', properties }] };
}

function input(schema: z.ZodType): Json {
  return jsonSchema(schema, 'input');
}

function output(schema: z.ZodType): Json {
  return jsonSchema(schema, 'output');
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      // Answers may have more members one day.
      if (io === 'output' && made.additionalProperties === false) delete made.additionalProperties;
    },
  }) as Json;
  return rest;
}
