import { DeviceAuthorizationEndpoint, type DeviceAuthorizationResponse } from '@gatehouse/authorization-server';
import { networkKey } from '@gatehouse/platform';
import type { Parameters } from '@gatehouse/protocol';
import { FormParameters, Public, Route } from '@gatehouse/server-kit';
import { Controller, Header, Headers, HttpCode, Ip, Post } from '@nestjs/common';

/** For devices, which are no browsers: no CORS. */
@Public()
@Controller('device_authorization')
export class DeviceAuthorizationController {
  constructor(private readonly devices: DeviceAuthorizationEndpoint) {}

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Header('Pragma', 'no-cache')
  @Route({ endpoint: 'device-authorization', channel: 'json', body: 'form' })
  begin(
    @FormParameters() parameters: Parameters,
    @Ip() address: string,
    @Headers('authorization') authorization?: string,
  ): Promise<DeviceAuthorizationResponse> {
    return this.devices.begin({
      parameters,
      network: networkKey(address),
      ...(authorization === undefined ? {} : { authorization }),
    });
  }
}
