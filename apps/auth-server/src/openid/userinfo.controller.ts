import { type OwnPrincipal, userinfo, type UserinfoResponse } from '@gatehouse/authorization-server';
import { Caller, Route } from '@gatehouse/server-kit';
import { Controller, Get, Header, HttpCode, Post } from '@nestjs/common';

/**
 * What a client may know of its person, for an access token whose audience is userinfo. It is a resource of this server:
 * who is let in was decided by the guard. The token comes in the Authorization header and nowhere
 * else; whatever a POST carries is not looked at.
 * Costs one statement and one verification.
 * @spec OpenID Connect Core §5.3
 */
@Controller('userinfo')
export class UserinfoController {
  @Get()
  @Header('Cache-Control', 'no-store')
  @Route({
    endpoint: 'userinfo',
    channel: 'json',
    crossOrigin: true,
    protectedBy: { resource: 'userinfo', scopes: ['openid'] },
  })
  told(@Caller() caller: OwnPrincipal): UserinfoResponse {
    return userinfo(caller);
  }

  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Route({
    endpoint: 'userinfo',
    channel: 'json',
    crossOrigin: true,
    protectedBy: { resource: 'userinfo', scopes: ['openid'] },
  })
  toldAgain(@Caller() caller: OwnPrincipal): UserinfoResponse {
    return userinfo(caller);
  }
}
