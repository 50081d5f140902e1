import { type ClientInformation, RegistrationEndpoint } from '@gatehouse/authorization-server';
import { Public, Route } from '@gatehouse/server-kit';
import { Body, Controller, Header, Post } from '@nestjs/common';

@Public()
@Controller('register')
export class RegistrationController {
  constructor(private readonly registration: RegistrationEndpoint) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'register', channel: 'json', body: 'json', crossOrigin: true })
  register(@Body() body: unknown): Promise<ClientInformation> {
    return this.registration.register(body);
  }
}
