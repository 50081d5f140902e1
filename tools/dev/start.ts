/** `npm start`: the whole stack, until Ctrl-C. `--fresh` begins anew. See README.md. */
import { join } from 'node:path';
import { WORKSPACE } from '../build/bundle.ts';
import { portFromEnvironment, refuseTakenPorts } from './ports.ts';
import { type Stack, startStack } from './stack.ts';

/** One Ctrl-C may arrive twice: from the terminal, and passed on by npm. */
const SAME_KEYSTROKE = 1500;

const say = (text = ''): void => {
  process.stdout.write(`${text}\n`);
};

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--fresh');
  if (unknown.length > 0) throw new Error(`unknown argument: ${unknown.join(' ')} (only --fresh is known)`);
  const fresh = args.includes('--fresh');
  const databaseUrl = process.env['DATABASE_URL']?.trim() || undefined;
  if (fresh && databaseUrl !== undefined)
    throw new Error('--fresh removes the database of the stack, not yours: drop it yourself, or unset DATABASE_URL');

  const auth = portFromEnvironment('GATEHOUSE_AUTH_PORT', 4000);
  const resource = portFromEnvironment('GATEHOUSE_RESOURCE_PORT', 4100);
  const postgres = process.env['GATEHOUSE_POSTGRES_PORT']
    ? portFromEnvironment('GATEHOUSE_POSTGRES_PORT', 5432)
    : undefined;

  const stopping = new AbortController();
  let stack: Stack | undefined;
  let asked = 0;
  const stop = (): void => {
    const now = performance.now();
    if (!stopping.signal.aborted) {
      asked = now;
      say('\nStopping …');
      stopping.abort(new Stopped());
    } else if (now - asked > SAME_KEYSTROKE) void stack?.kill();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

  try {
    stack = await startStack({
      dir: join(WORKSPACE, '.gatehouse'),
      fresh,
      ports: { auth, resource, postgres },
      databaseUrl,
      queueUrl: process.env['QUEUE_URL']?.trim() || undefined,
      inherit: inherited(),
      beforeStart: () =>
        refuseTakenPorts([
          { variable: 'GATEHOUSE_AUTH_PORT', port: auth, what: 'the authorization server' },
          { variable: 'GATEHOUSE_RESOURCE_PORT', port: resource, what: 'the resource server' },
          ...(postgres === undefined
            ? []
            : [{ variable: 'GATEHOUSE_POSTGRES_PORT', port: postgres, what: 'PostgreSQL' }]),
        ]),
      progress: say,
      onTrouble: (service, line) => {
        say(`[${service}] ${line}`);
      },
      signal: stopping.signal,
    });
  } catch (error) {
    if (error instanceof Stopped) return 0;
    throw error;
  }
  say(table(stack));

  const stopped = new Promise<undefined>((resolve) => {
    stopping.signal.addEventListener('abort', () => {
      resolve(undefined);
    });
    if (stopping.signal.aborted) resolve(undefined);
  });
  const broken = await Promise.race([stack.broken, stopped]);
  if (broken !== undefined) process.stderr.write(`\n${broken}\n\nStopping the rest …\n`);
  await stack.stop();
  say(broken === undefined ? 'Stopped. The data is kept; npm start -- --fresh begins anew.' : 'Stopped.');
  return broken === undefined ? 0 : 1;
}

class Stopped extends Error {}

/** Settings of the applications pass through; what npm and we set for ourselves does not. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|GATEHOUSE_|DATABASE_URL$|QUEUE_URL$)/.test(name)),
  );
}

function table({ description, places }: Stack): string {
  const [invoices = '', ...others] = description.resources;
  const rows: [string, string][] = [
    ['Authorization server', description.issuer],
    ['MCP server', invoices],
    ...others.map((resource): [string, string] => ['', resource]),
    ...description.accounts.map(({ username, password }, index): [string, string] => [
      index === 0 ? 'Sign in as' : '',
      `${username.padEnd(6)} ${password}`,
    ]),
    ['Metrics', description.metrics['auth-server'] ?? ''],
    ['Logs', '.gatehouse/logs'],
    ['', ''],
    ['Try next', 'npm run demo'],
    ['', `claude mcp add --transport http ${new URL(invoices).pathname.split('/')[1] ?? 'gatehouse'} ${invoices}`],
    ['', `curl -i ${places.resourceServer}/.well-known/oauth-protected-resource${new URL(invoices).pathname}`],
    ['Stop', 'Ctrl-C'],
  ];
  return `\n${rows.map(([name, value]) => `  ${name.padEnd(22)}${value}`.trimEnd()).join('\n')}\n`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
// Nothing should be left to wait for; should something be, it does not keep people waiting.
setTimeout(() => process.exit(), 2000).unref();
