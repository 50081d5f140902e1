/**
 * The volumes of a deployment: each service sees one folder with what it needs and nothing else. What is made once is kept
 * in a folder that only the setup sees, and copied from there.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Volume =
  | 'authority'
  | 'trust'
  | 'auth-server'
  | 'resource-server'
  | 'worker'
  | 'postgres'
  | 'valkey'
  | 'balancer'
  | 'catalogue'
  | 'seed';

/** User ids that the images run as: `node`, and those of the official images of PostgreSQL and Valkey. */
export const OWNERS: Readonly<Record<Volume, number>> = {
  authority: 0,
  trust: 0,
  'auth-server': 1000,
  'resource-server': 1000,
  worker: 1000,
  postgres: 999,
  valkey: 999,
  balancer: 1000,
  catalogue: 1000,
  seed: 1000,
};

export class Volumes {
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Lets the service that a volume is for write there itself. */
  give(volume: Volume): void {
    mkdirSync(join(this.root, volume), { recursive: true });
    chownSync(join(this.root, volume), OWNERS[volume], OWNERS[volume]);
  }

  path(volume: Volume, name: string): string {
    return join(this.root, volume, name);
  }

  has(volume: Volume, name: string): boolean {
    return existsSync(this.path(volume, name));
  }

  read(volume: Volume, name: string): string {
    return readFileSync(this.path(volume, name), 'utf8');
  }

  /** By rename: whoever reads meets the old file or the new one, and a crash leaves no half of a key. */
  write(volume: Volume, name: string, content: string): void {
    const path = this.path(volume, name);
    if (this.has(volume, name) && this.read(volume, name) === content) return;
    mkdirSync(dirname(path), { recursive: true });
    const mode = volume === 'trust' ? 0o444 : 0o400;
    writeFileSync(`${path}.new`, content, { mode });
    chmodSync(`${path}.new`, mode);
    const owner = OWNERS[volume];
    if (owner !== 0) chownSync(`${path}.new`, owner, owner);
    renameSync(`${path}.new`, path);
  }

  /** What stands in the setup's own folder; made if it is not there yet. */
  kept(name: string, make: () => string): string {
    if (!this.has('authority', name)) this.write('authority', name, make());
    return this.read('authority', name);
  }
}
