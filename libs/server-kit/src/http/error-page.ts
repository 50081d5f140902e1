import type { FastifyReply } from 'fastify';
import type { Refusal } from './refusal.js';

/** How the app shows a refusal to a person. Status, Retry-After and Allow are set already. */
export abstract class ErrorPage {
  abstract send(reply: FastifyReply, refusal: Refusal, requestId: string): void;
}
