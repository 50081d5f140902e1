import { BlockList, isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isLoopbackHost } from '../network/network.js';
import { type AnswerProblem, RequestProblem } from './request-problem.js';
import { answerWith } from './http-adapter.js';

/**
 * Where declared proxies end TLS, this process speaks plain HTTP, and on an address that others reach too: whoever finds
 * the port could use it without encryption and around the proxy. Only the proxies and this machine itself are answered;
 * health is told to anybody, because orchestrators ask from wherever they are.
 * @spec OAuth 2.1 §1.5
 */
export function answerDeclaredPeersOnly(
  instance: FastifyInstance,
  trustedProxies: readonly string[],
  answer: AnswerProblem,
): void {
  const proxies = new BlockList();
  for (const network of trustedProxies) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  instance.addHook('onRequest', (request, reply, done) => {
    if (isDeclared(request, proxies) || isHealth(request)) done();
    else answerWith(answer, new RequestProblem('not_encrypted'), request, reply);
  });
}

/** The peer of the connection, not what a header says. A list of IPv4 knows mapped addresses too. */
function isDeclared({ raw }: FastifyRequest, proxies: BlockList): boolean {
  const peer = raw.socket.remoteAddress?.split('%')[0] ?? '';
  const family = isIP(peer);
  if (family === 0) return false;
  return isLoopbackHost(peer) || proxies.check(peer, family === 6 ? 'ipv6' : 'ipv4');
}

function isHealth({ routeOptions }: FastifyRequest): boolean {
  return /\/health\/(live|ready)$/.test(routeOptions.url ?? '');
}
