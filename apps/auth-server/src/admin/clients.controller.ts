import { type AnsweredClient, ClientAdministration, type OwnPrincipal } from '@gatehouse/authorization-server';
import type { Parameters } from '@gatehouse/protocol';
import { Caller, QueryParameters, Route, type RouteTraits } from '@gatehouse/server-kit';
import { Body, Controller, Delete, Get, Header, Headers, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

const traits = (scope: 'clients:read' | 'clients:write'): RouteTraits => ({
  endpoint: 'admin',
  channel: 'problem',
  protectedBy: { resource: 'admin', scopes: [scope] },
});
const READS = traits('clients:read');
const WRITES = traits('clients:write');

/**
 * Clients, for callers with an access token of the administration. No cookie is read, no other origin may ask, nothing is
 * kept by anybody in between. A request costs two round trips (its count, its authorization) besides its own.
 */
@Controller('admin/clients')
export class ClientsController {
  constructor(private readonly administration: ClientAdministration) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Route(READS)
  async list(@QueryParameters() parameters: Parameters): Promise<object> {
    const { clients, next } = await this.administration.list(parameters);
    return { clients, ...(next === undefined ? {} : { next_cursor: next }) };
  }

  @Post()
  @Header('Cache-Control', 'no-store')
  @Route({ ...WRITES, body: 'json' })
  async create(
    @Caller() caller: OwnPrincipal,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return declared(await this.administration.create(caller, body), reply);
  }

  @Get(':id')
  @Header('Cache-Control', 'no-store')
  @Route(READS)
  async read(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    return versioned(await this.administration.read(id), reply);
  }

  @Put(':id')
  @Header('Cache-Control', 'no-store')
  @Route({ ...WRITES, body: 'json' })
  async replace(
    @Caller() caller: OwnPrincipal,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') expected?: string,
  ): Promise<object> {
    return declared(await this.administration.replace(caller, id, body, expected), reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @Route(WRITES)
  remove(@Caller() caller: OwnPrincipal, @Param('id') id: string): Promise<void> {
    return this.administration.remove(caller, id);
  }

  @Post(':id/disable')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route(WRITES)
  async disable(
    @Caller() caller: OwnPrincipal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return versioned(await this.administration.disable(caller, id), reply);
  }

  @Post(':id/enable')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route(WRITES)
  async enable(
    @Caller() caller: OwnPrincipal,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return versioned(await this.administration.enable(caller, id), reply);
  }

  /** Ends everything that was allowed to the client. It may ask again: who wants to stop it disables it. */
  @Post(':id/revoke')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route(WRITES)
  revoke(@Caller() caller: OwnPrincipal, @Param('id') id: string): Promise<object> {
    return this.administration.revoke(caller, id);
  }

  @Post(':id/secrets')
  @Header('Cache-Control', 'no-store')
  @Route({ ...WRITES, body: 'json' })
  async renewSecret(
    @Caller() caller: OwnPrincipal,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const { secret, ...client } = await this.administration.renewSecret(caller, id, body);
    return { ...versioned(client, reply), client_secret: secret };
  }

  @Delete(':id/secrets/previous')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @Route(WRITES)
  endPreviousSecret(@Caller() caller: OwnPrincipal, @Param('id') id: string): Promise<void> {
    return this.administration.endPreviousSecret(caller, id);
  }
}

function versioned({ client, version }: AnsweredClient, reply: FastifyReply): object {
  void reply.header('etag', version);
  return client;
}

function declared(
  { secret, unknownScopes, ...client }: Awaited<ReturnType<ClientAdministration['create']>>,
  reply: FastifyReply,
): object {
  return {
    ...versioned(client, reply),
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(unknownScopes.length > 0 ? { unknown_scopes: unknownScopes } : {}),
  };
}
