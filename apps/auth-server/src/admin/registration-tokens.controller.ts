import { type OwnPrincipal, RegistrationTokenAdministration } from '@gatehouse/authorization-server';
import { Caller, Route, type RouteTraits } from '@gatehouse/server-kit';
import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';

const traits = (scope: 'clients:read' | 'clients:write'): RouteTraits => ({
  endpoint: 'admin',
  channel: 'problem',
  protectedBy: { resource: 'admin', scopes: [scope] },
});

/** The tokens that let clients register, beside the clients and by the same rules. */
@Controller('admin/registration-tokens')
export class RegistrationTokensController {
  constructor(private readonly administration: RegistrationTokenAdministration) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Route(traits('clients:read'))
  async list(): Promise<object> {
    return { registration_tokens: await this.administration.list() };
  }

  @Post()
  @Header('Cache-Control', 'no-store')
  @Route({ ...traits('clients:write'), body: 'json' })
  create(@Caller() caller: OwnPrincipal, @Body() body: unknown): Promise<object> {
    return this.administration.create(caller, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @Route(traits('clients:write'))
  revoke(@Caller() caller: OwnPrincipal, @Param('id') id: string): Promise<void> {
    return this.administration.revoke(caller, id);
  }
}
