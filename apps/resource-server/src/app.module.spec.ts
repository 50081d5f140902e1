import { describe, expect, it } from '@jest/globals';
import { resourceDescriptors } from '@gatehouse/metadata';
import { EventLogger } from '@gatehouse/platform';
import { describeResources, type Principal, type Tool } from '@gatehouse/resource-kit';
import { Test } from '@nestjs/testing';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule, resources } from './app.module.js';
import { publicUrl, readConfig } from './config.js';

const subject = (name: string, scopes: readonly string[] = []): Principal =>
  ({ subject: name, scopes }) as unknown as Principal;
const call = (tool: Tool | undefined, input: object, principal: Principal): Promise<unknown> => {
  if (!tool) throw new Error('no such tool');
  return tool.run(tool.input.parse(input), principal, { signal: new AbortController().signal });
};

describe('the demo resource server', () => {
  it('boots, and answers for both resources', async () => {
    const module = await Test.createTestingModule({
      imports: [
        AppModule.with({
          issuer: 'http://127.0.0.1:4000',
          publicUrl: 'http://127.0.0.1:4100',
          resources: resources(),
          logger: new EventLogger({ app: 'test', level: 'silent' }),
        }),
      ],
    }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    for (const path of ['/invoices/mcp', '/expenses/mcp']) {
      const metadata = await app.inject(`/.well-known/oauth-protected-resource${path}`);
      expect(metadata.json<object>()).toMatchObject({ resource: `http://127.0.0.1:4100${path}` });
      const answer = await app.inject({
        method: 'POST',
        url: path,
        headers: { host: '127.0.0.1:4100' },
        payload: '{}',
      });
      expect(answer.statusCode).toBe(401);
    }
    await app.close();
  });

  it('RS-05, RS-06: describes itself to the authorization server: identifiers with a path, defaults that only read', () => {
    const described = resourceDescriptors.parse(describeResources('https://tools.example.com', resources()));
    expect(described.map(({ identifier, defaultScopes }) => [identifier, defaultScopes])).toEqual([
      ['https://tools.example.com/invoices/mcp', ['invoices:read']],
      ['https://tools.example.com/expenses/mcp', ['expenses:read']],
    ]);
    const sensitive = described.flatMap(({ scopes }) => scopes.filter((scope) => scope.sensitive === true));
    expect(sensitive.map(({ name }) => name)).toEqual(['invoices:refund', 'expenses:approve']);
  });

  it('RS-47: shows an approver all expenses, and everybody else their own', async () => {
    const [, expenses] = resources();
    const submit = expenses?.tools.get('submit_expense');
    const list = expenses?.tools.get('list_expenses');
    await call(submit, { description: 'Taxi', amount: 1_800 }, subject('ben'));
    const seenBy = async (principal: Principal): Promise<number> =>
      ((await call(list, {}, principal)) as { expenses: unknown[] }).expenses.length;
    expect(await seenBy(subject('ben'))).toBe(1);
    expect(await seenBy(subject('cleo'))).toBe(0);
    expect(await seenBy(subject('anna', ['expenses:approve']))).toBe(3);
  });

  it('RS-76: takes no text that pretends to be something else', () => {
    const create = resources()[0]?.tools.get('create_invoice');
    const invoice = { customer: 'Demo Ltd', description: 'x', amount: 1 };
    expect(create?.input.safeParse(invoice).success).toBe(true);
    for (const bad of [
      { customer: 'a\nb' },
      { customer: 'a\u202eb' },
      { customer: ' ' },
      { customer: 'x'.repeat(81) },
      { amount: 0 },
      { amount: -1 },
      { amount: 1.5 },
      { amount: '1' },
      { currency: 'XXX' },
    ])
      expect([bad, create?.input.safeParse({ ...invoice, ...bad }).success]).toEqual([bad, false]);
  });
});

describe('its configuration', () => {
  it('works as it is on this machine', () => {
    expect(readConfig({})).toMatchObject({ PUBLIC_URL: 'http://127.0.0.1:4100', PORT: 4100, LIVENESS_SECONDS: 5 });
  });

  it('is not asked for a certificate by describe, which runs where there is none, but for an address that may be one', () => {
    expect(publicUrl({ PUBLIC_URL: 'https://tools.example.com' })).toBe('https://tools.example.com');
    expect(() => publicUrl({ PUBLIC_URL: 'http://tools.example.com' })).toThrow(/PUBLIC_URL must be https/);
    expect(() => publicUrl({ PUBLIC_URL: 'https://tools.example.com/x' })).toThrow(/PUBLIC_URL must be an origin/);
  });

  it('reports everything that is wrong at once', () => {
    const problems = (environment: Record<string, string>): readonly string[] => {
      try {
        readConfig(environment);
      } catch (error) {
        return (error as { problems: { variable: string }[] }).problems.map(({ variable }) => variable);
      }
      return [];
    };
    expect(
      problems({
        ISSUER: 'http://auth.example.com',
        PUBLIC_URL: 'http://tools.example.com',
        HOST: '0.0.0.0',
        RESOURCE_SERVER_ID: 'rs-1',
        LIVENESS_SECONDS: '-1',
        ALLOWED_ORIGINS: 'https://a.example/path',
      })
        .slice()
        .sort(),
    ).toEqual(['ALLOWED_ORIGINS', 'HOST', 'ISSUER', 'LIVENESS_SECONDS', 'PUBLIC_URL', 'RESOURCE_SERVER_SECRET_FILE']);
    expect(problems({ DPOP_NONCES: 'on', DPOP_REQUIRED: 'yes' }).slice().sort()).toEqual([
      'DPOP_NONCES',
      'DPOP_REQUIRED',
    ]);
    expect(problems({ DPOP_REQUIRED: 'on' })).toEqual([]);
    expect(problems({ ISSUER: 'https://auth.example.com', PUBLIC_URL: 'https://tools.example.com' })).toEqual([
      'PUBLIC_URL',
    ]);
    expect(
      problems({
        ISSUER: 'https://auth.example.com',
        PUBLIC_URL: 'https://tools.example.com',
        TRUSTED_PROXIES: '10.0.0.0/8',
      }),
    ).toEqual([]);
  });
});
