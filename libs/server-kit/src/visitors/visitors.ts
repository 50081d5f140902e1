import { type Person, Sessions, type SignedIn } from '@gatehouse/identity';
import { newSecret } from '@gatehouse/protocol';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Cookies } from '../http/cookies.js';

/** Who is at the other end of a page, as far as its cookies say. Asked anew at every step. */
export interface Visitor {
  /** Identifies the browser, signed in or not. Empty when it brought no cookie: then it is none that we know. */
  readonly browser: string;
  /** The session cookie as it came, worth something or not. */
  readonly sessionId?: string;
  /** The mark of an earlier sign-in, worth something or not. */
  readonly knownBrowser?: string;
  readonly person?: Person;
}

@Injectable()
export class Visitors {
  constructor(
    private readonly cookies: Cookies,
    private readonly sessions: Sessions,
  ) {}

  async of(request: FastifyRequest): Promise<Visitor> {
    const sessionId = this.cookies.read(request, 'session');
    const knownBrowser = this.cookies.read(request, 'known');
    const person = await this.sessions.currentPerson(sessionId);
    return {
      browser: this.cookies.read(request, 'browser') ?? '',
      ...(sessionId === undefined ? {} : { sessionId }),
      ...(knownBrowser === undefined ? {} : { knownBrowser }),
      ...(person ? { person } : {}),
    };
  }

  /**
   * A post from another site carries no Lax cookies, whatever the browser has. A new browser cookie in answer to it would
   * replace the one it has, and end every journey that is open in it. Older browsers only name the origin.
   */
  comesWithoutCookies(request: FastifyRequest): boolean {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const foreign = site === undefined ? origin !== undefined : site === 'cross-site';
    return foreign && this.cookies.read(request, 'browser') === undefined;
  }

  /** A browser that begins a journey gets a cookie if it has none. */
  async arrive(request: FastifyRequest, reply: FastifyReply): Promise<Visitor> {
    const visitor = await this.of(request);
    if (visitor.browser !== '') return visitor;
    const browser = newSecret('ghb_');
    this.cookies.write(reply, 'browser', browser);
    return { ...visitor, browser };
  }

  signedIn(reply: FastifyReply, { sessionId, knownBrowser }: Pick<SignedIn, 'sessionId' | 'knownBrowser'>): void {
    this.cookies.write(reply, 'session', sessionId);
    this.cookies.write(reply, 'known', knownBrowser);
  }

  async signOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.sessions.signOut(this.cookies.read(request, 'session'));
    this.cookies.clear(reply, 'session');
  }
}
