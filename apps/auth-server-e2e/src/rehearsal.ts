/**
 * `npm run rehearse`: troubles the deployment of docker/compose.yaml as operations will, with clients at work, and says
 * what that cost. Exit code 0 only if nobody lost anything and everything came back by itself.
 */
import { OAuthFlow, pause, readStack } from '@gatehouse/test-kit';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, Narrator } from './demo/narrator.js';
import { Deployment } from './rehearsal/deployment.js';
import { Load, told } from './rehearsal/load.js';

const CLIENTS = 8;
/** Milliseconds after a dependency has come back. */
const RECOVERY = 10_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const stack = readStack();
const narrator = new Narrator(say);
const deployment = new Deployment();
const flow = new OAuthFlow(stack.issuer);
const [anna] = stack.accounts;
const [resource] = stack.resources;
const browser = flow.browser();

const load = await narrator.step(`${String(CLIENTS)} clients of one person get tokens`, async () => {
  const client = await flow.register();
  const clients = [];
  for (let index = 0; index < CLIENTS; index += 1)
    clients.push(await flow.connected({ decision: { account: anna }, resource, client, browser }));
  return { told: `over ${new URL(stack.issuer).protocol}//, all at ${stack.issuer}`, value: new Load(flow, clients) };
});

await narrator.step('rolling restart of auth-server under load', async () => {
  load.start();
  const began = performance.now();
  await pause(1000);
  await deployment.script('rolling-restart.sh', 'auth-server');
  await pause(1000);
  const { requests, troubles, slowest } = await load.stop();
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  must(troubles.length === 0, `of ${String(requests)} requests ${String(troubles.length)} failed: ${told(troubles)}`);
  return {
    told: `${String(requests)} requests in ${seconds} s, none failed, the slowest took ${String(slowest)} ms`,
    value: undefined,
  };
});

await narrator.step('a new key-encryption key, and both services restarted by turns', async () => {
  load.start();
  await deployment.compose('run', '--rm', '-T', '--no-deps', 'setup', 'rotate', 'key-encryption-keys');
  await deployment.script('rolling-restart.sh', 'auth-server');
  await deployment.script('rolling-restart.sh', 'worker');
  const { requests, troubles } = await load.stop();
  must(troubles.length === 0, `of ${String(requests)} requests ${String(troubles.length)} failed: ${told(troubles)}`);
  return { told: `${String(requests)} requests, none failed`, value: undefined };
});

await narrator.step('auth-server killed in the middle of requests', async () => {
  load.start();
  await pause(1000);
  const container = await deployment.one('auth-server');
  await deployment.docker('kill', container);
  await pause(2000);
  // The engine takes a kill by its own command for the operator's will and restarts nothing.
  await deployment.docker('start', container);
  await deployment.healthy(container);
  await pause(500);
  const { requests, troubles, lost } = await load.stop();
  must(lost.length === 0, `clients were told ${lost.join(', ')}`);
  return {
    told: `${String(requests)} requests, no client lost its tokens; failed: ${told(troubles)}`,
    value: undefined,
  };
});

await narrator.step('PostgreSQL restarted', async () => {
  load.start();
  await pause(1000);
  const container = await deployment.one('postgres');
  await deployment.docker('restart', '-t', '30', container);
  await deployment.healthy(container);
  const back = Date.now();
  await pause(RECOVERY);
  const { requests, troubles, lost } = await load.stop();
  must(lost.length === 0, `clients were told ${lost.join(', ')}`);
  const wrong = troubles.filter(({ what }) => /^5\d\d /.test(what) && what !== '503 temporarily_unavailable');
  must(wrong.length === 0, `clients were told ${told(wrong)}`);
  const last = Math.max(back, ...troubles.map(({ at }) => at));
  must(last - back < RECOVERY - 500, 'not recovered in time');
  return {
    told: `${String(requests)} requests, failed: ${told(troubles)}; all well ${((last - back) / 1000).toFixed(1)} s after it was back`,
    value: undefined,
  };
});

await narrator.step('Valkey killed and emptied', async () => {
  const since = new Date();
  const container = await deployment.one('valkey');
  await deployment.docker('kill', container);
  await pause(1000);
  await deployment.docker('start', container);
  await deployment.healthy(container);
  const [worker] = await deployment.containers('worker');
  must(worker !== undefined, 'no worker');
  const password = 'sed -n "s/^requirepass //p" /run/secrets/password.conf';
  const flush = `valkey-cli --tls --cacert /run/trust/ca.pem -a "$(${password})" --no-auth-warning FLUSHALL`;
  await deployment.docker('exec', container, 'sh', '-c', flush);
  const back = Date.now();
  for (;;) {
    const log = await deployment.logs('worker', since);
    if (/"event":"schedules\.ensured","written":\["/.test(log)) break;
    must(Date.now() - back < RECOVERY, 'the schedules did not come back');
    await pause(200);
  }
  for (const each of await deployment.containers('worker')) await deployment.healthy(each, RECOVERY);
  return { told: `schedules were back after ${((Date.now() - back) / 1000).toFixed(1)} s`, value: undefined };
});

/** People and clients go on as if nothing had been. */
async function nobodyNoticed(): Promise<void> {
  load.start();
  await pause(1000);
  const { lost, troubles } = await load.stop();
  must(lost.length === 0 && troubles.length === 0, `clients were told ${told(troubles)}`);
  const client = await flow.register();
  // The browser's session lives: it is shown the consent page, not the sign-in page.
  const before = browser.pages.length;
  await flow.connected({ decision: { account: anna }, resource, client, browser });
  const pages = browser.pages.slice(before).map(({ text }) => text);
  must(pages.length === 1 && !/password/i.test(pages[0] ?? ''), 'the person had to sign in again');
}

await narrator.step('everything down and up again', async () => {
  await deployment.compose('down', '-t', '30');
  const began = performance.now();
  await deployment.compose('up', '--wait');
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  await nobodyNoticed();
  return { told: `up after ${seconds} s; people and clients are still signed in`, value: undefined };
});

await narrator.step('a backup, everything destroyed, the backup brought back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'));
  try {
    await deployment.script('backup.sh', folder);
    await deployment.compose('down', '-v', '-t', '10');
    const began = performance.now();
    await deployment.script('restore.sh', folder);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    await nobodyNoticed();
    return { told: `back after ${seconds} s; keys open, people and clients are still signed in`, value: undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

narrator.end();
