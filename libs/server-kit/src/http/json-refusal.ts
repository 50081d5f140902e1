import { challenge } from '@gatehouse/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from './refusal.js';

/** @spec OAuth 2.1 §3.2.4 */
export function sendJsonRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): void {
  void reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
  if (refusal.code === 'invalid_client' && request.headers.authorization !== undefined)
    void reply.header('www-authenticate', challenge('Basic', { realm: 'gatehouse', charset: 'UTF-8' }));
  void reply.type('application/json').send({ error: refusal.code, error_description: refusal.description });
}
