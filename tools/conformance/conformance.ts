/**
 * `npm run conformance`: the official MCP conformance program against the running stack, in both roles of the house. For
 * the authorization server a person of the demo company signs in and consents on the real pages; for the resource server,
 * at both protocol revisions, the program works with that person's access token. What must pass stands in scenarios.ts.
 */
import { freePort } from '../dev/ports.ts';
import { startBearerProxy } from './bearer-proxy.ts';
import { install, results, scenariosFor } from './program.ts';
import { AUTHORIZATION_SERVER_SCENARIOS, type Expectation, SERVER_SCENARIOS } from './scenarios.ts';
import { loadTestKit, type TestKit } from './test-kit.ts';
import { type Check, differences, verdictOn } from './verdict.ts';

type Table = Readonly<Record<string, Expectation>>;

const REVISIONS = ['2025-11-25', '2026-07-28'];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
let problems = 0;
const complain = (where: string, what: string): void => {
  problems += 1;
  say(`✗ ${where}: ${what}`);
};

function report(run: string, table: Table, found: ReadonlyMap<string, readonly Check[]>): void {
  const expected = Object.entries(table).filter(([name]) => found.has(name));
  for (const [name, expectation] of expected) {
    if (expectation.leftOut !== undefined || expectation.leftOutAt?.[run] !== undefined) continue;
    const verdict = verdictOn(expectation, found.get(name) ?? []);
    for (const problem of verdict.problems) complain(`${run} ${name}`, problem);
    for (const warning of verdict.warnings) say(`! ${run} ${name}: ${warning}`);
    if (verdict.problems.length === 0) say(`✓ ${run} ${name}: ${String(verdict.passed)} checks`);
  }
}

/** The program waits for a callback: the person's way there is printed, and the agent goes it. */
async function authorizationServer(kit: TestKit): Promise<void> {
  const stack = kit.readStack();
  const [account] = stack.accounts;
  const [resource] = stack.resources;
  const port = String(await freePort());
  const client = await new kit.OAuthFlow(stack.issuer).register({
    client_name: 'MCP conformance',
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
  });
  let journey: Promise<unknown> | undefined;
  const visit = async (url: string): Promise<void> => {
    const agent = new kit.PageAgent();
    // A journey that ends on a page ends the wait as well: the program is told, in the way it understands.
    const callback = await agent.authorize(url, { account }).catch((error: unknown) => {
      complain('authorization-code-grant', String(error));
      return { url: `http://127.0.0.1:${port}/callback?error=stuck` };
    });
    await kit.ask(callback.url);
  };
  const found = await results(
    ['authorization', '--url', stack.issuer, '--client-id', client.client_id, '--resource', resource, '--port', port],
    (output) => {
      const url = /^(http\S+\/authorize\?\S+)\s/m.exec(output)?.[1];
      if (url !== undefined && output.includes('Callback server started')) journey ??= visit(url);
    },
  );
  await journey;
  report('authorization server', AUTHORIZATION_SERVER_SCENARIOS, found);
  for (const name of Object.keys(AUTHORIZATION_SERVER_SCENARIOS))
    if (!found.has(name)) complain('authorization server', `${name} was not run`);
}

async function resourceServer(kit: TestKit): Promise<void> {
  const stack = kit.readStack();
  const [account] = stack.accounts;
  const [resource] = stack.resources;
  const { tokens } = await new kit.OAuthFlow(stack.issuer).connected({ decision: { account }, resource });
  const proxy = await startBearerProxy(resource, tokens.access_token);
  const run = new Set<string>();
  try {
    for (const revision of REVISIONS) {
      const found = await results(['server', '--url', proxy.url, '--suite', 'all', '--spec-version', revision]);
      report(revision, SERVER_SCENARIOS, found);
      for (const name of found.keys()) run.add(name);
    }
  } finally {
    await proxy.close();
  }
  for (const [name, { leftOut }] of Object.entries(SERVER_SCENARIOS))
    if (leftOut === undefined && !run.has(name)) complain('resource server', `${name} was not run`);
}

async function main(): Promise<void> {
  const kit = await loadTestKit();
  kit.readStack();
  install();

  for (const [role, table] of [
    ['authorization', AUTHORIZATION_SERVER_SCENARIOS],
    ['server', SERVER_SCENARIOS],
  ] as const)
    for (const difference of differences(await scenariosFor(role), table)) complain(`${role} scenarios`, difference);

  await authorizationServer(kit);
  await resourceServer(kit);
  const leftOut = Object.values(SERVER_SCENARIOS).filter((expectation) => expectation.leftOut !== undefined).length;
  say(`${String(leftOut)} scenarios are left out; tools/conformance/scenarios.ts says why.`);
  say(problems === 0 ? 'Conformance: all that must pass passes.' : `Conformance: ${String(problems)} problems.`);
}

try {
  await main();
  if (problems > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
