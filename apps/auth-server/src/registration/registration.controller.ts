import {
  ClientConfigurationEndpoint,
  type ClientInformation,
  RegistrationEndpoint,
} from '@gatehouse/authorization-server';
import { networkKey } from '@gatehouse/platform';
import { Public, Route } from '@gatehouse/server-kit';
import { Body, Controller, Delete, Get, Header, Headers, HttpCode, Ip, Param, Post, Put } from '@nestjs/common';

@Public()
@Controller('register')
export class RegistrationController {
  constructor(
    private readonly registration: RegistrationEndpoint,
    private readonly configuration: ClientConfigurationEndpoint,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'register', channel: 'json', body: 'json', crossOrigin: true })
  register(
    @Body() body: unknown,
    @Ip() address: string,
    @Headers('authorization') authorization?: string,
  ): Promise<ClientInformation> {
    return this.registration.register(body, authorization, networkKey(address));
  }

  @Get(':clientId')
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'client-configuration', channel: 'json', crossOrigin: true })
  read(@Param('clientId') id: string, @Headers('authorization') authorization?: string): Promise<ClientInformation> {
    return this.configuration.read(id, authorization);
  }

  @Put(':clientId')
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'client-configuration', channel: 'json', body: 'json', crossOrigin: true })
  replace(
    @Param('clientId') id: string,
    @Body() body: unknown,
    @Headers('authorization') authorization?: string,
  ): Promise<ClientInformation> {
    return this.configuration.replace(id, body, authorization);
  }

  @Delete(':clientId')
  @HttpCode(204)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'client-configuration', channel: 'json', crossOrigin: true })
  remove(@Param('clientId') id: string, @Headers('authorization') authorization?: string): Promise<void> {
    return this.configuration.remove(id, authorization);
  }
}
