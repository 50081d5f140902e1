import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createHttpServer, EventLogger, Metrics } from '@gatehouse/platform';
import { Module } from '@nestjs/common';
import { answerProblem } from '../refusals/answer-problem.js';
import { ResourceServerModule, type ResourceServerOptions } from '../resource-server.module.js';
import { sampleResources } from './sample-resources.js';
import { StubIssuer } from './stub-issuer.js';

export interface TestServer {
  readonly issuer: StubIssuer;
  readonly origin: string;
  /** Identifiers of the sample's two resources. */
  readonly notes: string;
  readonly archive: string;
  readonly metrics: Metrics;
  /** The log lines so far. */
  log(): readonly Record<string, unknown>[];
  /** A token for the notes that may read, or as the claims say. */
  token(claims?: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}

@Module({})
class TestModule {}

/** The whole kit on a real socket, with a stub for the issuer. */
export async function startTestServer(options: Partial<ResourceServerOptions> = {}): Promise<TestServer> {
  const issuer = await StubIssuer.start();
  const port = await freePort();
  const origin = options.publicUrl ?? `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = new EventLogger({ app: 'test', level: 'debug', destination });
  const metrics = new Metrics();
  const server = await createHttpServer(
    {
      module: TestModule,
      imports: [
        ResourceServerModule.forRoot({
          issuer: issuer.identifier,
          publicUrl: origin,
          resources: sampleResources(),
          logger,
          metrics,
          ...options,
        }),
      ],
    },
    { logger, publicUrl: origin, answerProblem, metrics },
  );
  await server.listen({ host: '127.0.0.1', port });
  const notes = `${origin}/notes/mcp`;
  return {
    issuer,
    origin,
    notes,
    archive: `${origin}/archive/mcp`,
    metrics,
    log: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    token: (claims = {}) => issuer.signer.token(notes, { claims: { scope: 'notes:read', ...claims } }),
    async close() {
      await server.close();
      await issuer.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
