/** The deployment of docker/compose.yaml, to be troubled: its containers by service, and the engine's commands. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { pause, workspaceRoot } from '@gatehouse/test-kit';

const run = promisify(execFile);
const FILE = join(workspaceRoot(), 'docker/compose.yaml');

export class Deployment {
  /** @throws Error with what the command said */
  async compose(...args: readonly string[]): Promise<string> {
    return this.docker('compose', '-f', FILE, ...args);
  }

  async docker(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('docker', [...args], { env: { DEMO_ACCOUNTS: 'on', ...process.env } });
    return stdout.trim();
  }

  async containers(service: string): Promise<readonly string[]> {
    return (await this.compose('ps', '-q', service)).split('\n').filter(Boolean);
  }

  async one(service: string): Promise<string> {
    const [container] = await this.containers(service);
    if (container === undefined) throw new Error(`no container of ${service} runs`);
    return container;
  }

  /** Waits until a container says that it is healthy. @returns milliseconds that took */
  async healthy(container: string, within = 60_000): Promise<number> {
    const began = performance.now();
    for (;;) {
      const state = await this.docker('inspect', '-f', '{{.State.Health.Status}}', container);
      const took = performance.now() - began;
      if (state === 'healthy') return took;
      if (took > within) throw new Error(`${container} is ${state} after ${String(Math.round(took / 1000))} s`);
      await pause(100);
    }
  }

  /** Runs one of the operator's scripts in docker/. */
  async script(name: string, ...args: readonly string[]): Promise<void> {
    await run('sh', [join(workspaceRoot(), 'docker', name), ...args], { env: { DEMO_ACCOUNTS: 'on', ...process.env } });
  }

  /** What a service has logged since then. */
  async logs(service: string, since: Date): Promise<string> {
    return this.compose('logs', '--no-log-prefix', '--since', since.toISOString(), service);
  }
}
