import type { FirstStep, SecondStepVisit } from '@gatehouse/identity';
import { networkKey } from '@gatehouse/platform';
import { tokenHash } from '@gatehouse/protocol';
import type { Visitor } from '@gatehouse/server-kit';
import type { FastifyRequest } from 'fastify';
import { browserHint } from './browser-hint.js';

/** Where a sign-in is between its steps: in one journey, or at the account pages. In one browser always. */
export type SignInPlace = { readonly interaction: string } | 'account';

/** `passkey`: of a sign-in that begins with one, so that looking at that page ends no other. */
export function visitAt(
  place: SignInPlace,
  { browser, sessionId, knownBrowser }: Visitor,
  request: FastifyRequest,
  kind: 'second-step' | 'passkey' = 'second-step',
): SecondStepVisit & Pick<FirstStep, 'network'> {
  const name = place === 'account' ? 'account' : `interaction:${place.interaction}`;
  return {
    place: tokenHash(`${kind}:${name}`),
    browser: tokenHash(browser),
    previousSession: sessionId,
    knownBrowser,
    network: networkKey(request.ip),
    agent: browserHint(request.headers['user-agent']),
  };
}
