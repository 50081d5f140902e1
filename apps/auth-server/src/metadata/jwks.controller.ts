import { KEY_TIMING, KeyRing } from '@gatehouse/authorization-server';
import { Public, Route } from '@gatehouse/server-kit';
import { Controller, Get, Header } from '@nestjs/common';
import type { JWK } from 'jose';

@Public()
@Controller('jwks.json')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  /** A cache may keep it for less than the time between a key's publication and its first signature. */
  @Get()
  @Header('Cache-Control', `public, max-age=${KEY_TIMING.jwksMaxAge}`)
  @Route({ endpoint: 'jwks', channel: 'json', crossOrigin: true })
  published(): Promise<{ keys: JWK[] }> {
    return this.keys.publishedJwks();
  }
}
