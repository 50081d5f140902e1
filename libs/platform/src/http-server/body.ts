/** Bodies: a form stays the raw text, so that repeated parameters are seen; JSON is parsed; nothing else is read. */
import { isUtf8 } from 'node:buffer';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyBodyParser, FastifyInstance } from 'fastify';
import { RequestProblem } from './request-problem.js';

const TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' } as const;
type BodyType = keyof typeof TYPES;

/** The route takes a form and nothing else; its body is the text as it came, for `Parameters.parse`. */
export const AcceptsForm = (): MethodDecorator => RouteConfig({ body: 'form' satisfies BodyType });
/** The route takes JSON and nothing else. */
export const AcceptsJson = (): MethodDecorator => RouteConfig({ body: 'json' satisfies BodyType });

export function readBodies(instance: FastifyInstance): void {
  const parseJson = instance.getDefaultJsonParser('error', 'error');
  instance.removeAllContentTypeParsers();
  const readForm: FastifyBodyParser<Buffer> = (_request, body, done) => {
    decode(body, done, (text) => {
      done(null, text);
    });
  };
  const readJson: FastifyBodyParser<Buffer> = (request, body, done) => {
    decode(body, done, (text) => {
      void parseJson(request, text, done);
    });
  };
  instance.addContentTypeParser(TYPES.form, { parseAs: 'buffer' }, readForm);
  instance.addContentTypeParser(TYPES.json, { parseAs: 'buffer' }, readJson);

  instance.addHook('preParsing', (request, _reply, _payload, done) => {
    const { body } = request.routeOptions.config as { body?: BodyType };
    const sent = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (body !== undefined && sent !== TYPES[body]) done(new RequestProblem('unsupported_media_type'));
    else done();
  });
}

/** Bytes that are no UTF-8 are refused: what one reader replaces, another might read as something else. */
function decode(body: Buffer, refuse: (problem: Error) => void, use: (text: string) => void): void {
  if (!isUtf8(body)) {
    refuse(new RequestProblem('malformed'));
    return;
  }
  use(body.toString('utf8'));
}
