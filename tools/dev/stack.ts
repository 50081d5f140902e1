/**
 * The whole house as one object: PostgreSQL, the three applications, and what must happen before they start. `npm start`
 * and the end-to-end tests use the same one, so what is tested is what people start.
 *
 * Order matters twice. Up: database, migrations, seed, applications, and the stack file last, when all are healthy.
 * Down: applications first, each with time to finish what it does, then the database.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  type Application,
  APPLICATIONS,
  demoAccounts,
  describeResources,
  entryOf,
  type Environment,
  environments,
  healthOf,
  type Places,
  RESOURCE_SERVER_ID,
  runCommand,
} from './applications.ts';
import { buildStale } from './builds.ts';
import { requireDatabase, requireQueue } from './own-services.ts';
import { freePorts } from './ports.ts';
import { type Postgres, removePostgres, startPostgres } from './postgres.ts';
import { stackSecrets } from './secrets.ts';
import { Service, startGuard } from './service.ts';
import { occupy, type StackFile, writeStackFile } from './stack-file.ts';

export interface StackOptions {
  /** Everything the stack keeps is below this folder. */
  readonly dir: string;
  readonly ports: {
    readonly auth?: number | undefined;
    readonly resource?: number | undefined;
    readonly postgres?: number | undefined;
  };
  /** A PostgreSQL of your own, in place of the one that is started. */
  readonly databaseUrl?: string | undefined;
  /** Where the job queues live; unset: in the database. */
  readonly queueUrl?: string | undefined;
  /** Removes what an earlier stack left in the folder. */
  readonly fresh?: boolean;
  /** What the applications inherit; the stack's own settings win. */
  readonly inherit?: NodeJS.ProcessEnv;
  /** Further settings, by application; these win. */
  readonly settings?: Partial<Record<Application, Environment>>;
  readonly progress?: (line: string) => void;
  readonly onTrouble?: (service: string, line: string) => void;
  /** Called once the folder is ours, before anything is started; may refuse. */
  readonly beforeStart?: () => Promise<void>;
  /** Aborted: stop as soon as the step at hand is done. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly file: string;
  readonly description: StackFile;
  readonly places: Places;
  /** Resolves, with what to say, when a part ends by itself. Then call stop(). */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
  /** For the impatient: the applications get no time to finish. */
  kill(): Promise<void>;
}

/** @throws Error in words for people; whatever was started is stopped by then */
export async function startStack(options: StackOptions): Promise<Stack> {
  const starter = new Starter(options);
  try {
    return await starter.start();
  } catch (error) {
    await starter.stop();
    throw error;
  }
}

class Starter {
  readonly #options: StackOptions;
  readonly #guard = startGuard();
  readonly #services: Service[] = [];
  #postgres: Postgres | undefined;
  #vacate: (() => void) | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: StackOptions) {
    this.#options = options;
  }

  async start(): Promise<Stack> {
    const { dir, fresh, ports, settings, inherit = {}, queueUrl, beforeStart, signal } = this.#options;
    this.#vacate = occupy(dir);
    await beforeStart?.();
    if (fresh) await this.#removeData();
    const logs = join(dir, 'logs');
    mkdirSync(logs, { recursive: true });
    const secrets = stackSecrets(join(dir, 'secrets'));

    await this.#step('Building', async () => {
      const built = await buildStale(APPLICATIONS);
      return built.length > 0 ? built.join(', ') : 'nothing has changed';
    });
    if (queueUrl !== undefined) await requireQueue(queueUrl);
    const database = await this.#step(
      this.#options.databaseUrl === undefined ? 'Starting PostgreSQL' : 'Connecting to PostgreSQL',
      () => this.#startDatabase(secrets.databasePassword),
    );

    const [auth, resource, ...free] = await freePorts(5);
    const places = placesOf(ports.auth ?? auth, ports.resource ?? resource, free, database, queueUrl ?? database);
    const own = environments(places, secrets);
    const environment = {
      'auth-server': { ...own['auth-server'], ...settings?.['auth-server'] },
      'resource-server': { ...own['resource-server'], ...settings?.['resource-server'] },
      worker: { ...own.worker, ...settings?.worker },
    };

    await this.#step('Migrating the database', async () => {
      await runCommand('auth-server', 'migrate', { ...inherit, ...environment['auth-server'] });
      await runCommand('worker', 'migrate', { ...inherit, ...environment.worker });
    });
    const { resources, accounts } = await this.#step('Entering demo resources and accounts', async () => {
      const descriptors = await describeResources({ ...inherit, ...environment['resource-server'] });
      const people = demoAccounts(descriptors, environment['auth-server']['ISSUER'] ?? places.issuer, secrets);
      const seed = {
        resources: descriptors,
        resourceServer: { id: RESOURCE_SERVER_ID, secret: secrets.resourceServerSecret },
        accounts: people,
      };
      await runCommand('auth-server', 'seed', { ...inherit, ...environment['auth-server'] }, JSON.stringify(seed));
      return { resources: descriptors.map(({ identifier }) => identifier), accounts: people };
    });

    await this.#step(`Starting ${APPLICATIONS.join(', ')}`, async () => {
      const launch = (app: Application): Promise<void> => {
        const service = new Service(
          {
            name: app,
            entry: entryOf(app, 'main'),
            environment: { ...definedOf(inherit), ...environment[app] },
            logFile: join(logs, `${app}.log`),
            health: healthOf(app, places),
            onTrouble: (line) => this.#options.onTrouble?.(app, line),
          },
          this.#guard.entrust,
        );
        this.#services.push(service);
        return service.ready(signal);
      };
      // The resource server asks its issuer for keys, and waits a while before it asks again.
      await Promise.all([launch('auth-server').then(() => launch('resource-server')), launch('worker')]);
    });

    const description: StackFile = {
      issuer: places.issuer,
      resources,
      accounts: accounts.map(({ username, password }) => ({ username, password })),
      introspection: {
        endpoint: `${places.issuer}/introspect`,
        clientId: RESOURCE_SERVER_ID,
        clientSecret: secrets.resourceServerSecret,
        client_id: RESOURCE_SERVER_ID,
        client_secret: secrets.resourceServerSecret,
      },
      metrics: Object.fromEntries(
        APPLICATIONS.map((app) => [app, `http://127.0.0.1:${String(places.metricsPorts[app])}/metrics`]),
      ),
      database,
      environment,
      pids: {
        stack: process.pid,
        ...(this.#postgres ? { postgres: this.#postgres.pid } : {}),
        ...Object.fromEntries(this.#services.map(({ name, pid }) => [name, pid])),
      },
    };
    const file = writeStackFile(dir, description);
    return {
      file,
      description,
      places,
      broken: this.#broken(logs),
      stop: () => this.stop(),
      kill: () => {
        for (const service of this.#services) service.kill();
        return this.stop();
      },
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
    await this.#postgres?.stop();
    this.#guard.release();
    this.#vacate?.();
  }

  async #step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { progress, signal } = this.#options;
    signal?.throwIfAborted();
    const begun = performance.now();
    progress?.(`${what} …`);
    const result = await work();
    const note = typeof result === 'string' && !result.includes('://') ? ` (${result})` : '';
    progress?.(`${what}: done in ${((performance.now() - begun) / 1000).toFixed(1)} s${note}`);
    signal?.throwIfAborted();
    return result;
  }

  async #removeData(): Promise<void> {
    const { dir } = this.#options;
    await removePostgres(join(dir, 'postgres'));
    for (const name of ['secrets', 'logs', 'stack.json']) rmSync(join(dir, name), { recursive: true, force: true });
  }

  /** The applications get a role that owns its database and nothing else: what needs a superuser shows at once. */
  async #startDatabase(password: string): Promise<string> {
    if (this.#options.databaseUrl !== undefined) {
      await requireDatabase(this.#options.databaseUrl);
      return this.#options.databaseUrl;
    }
    const { dir, ports } = this.#options;
    // A crash of the database or the machine may cost the last moments, never more. Good enough on a developer's machine,
    // and several times faster. What is written down every 10 ms keeps the moments short.
    const settings = { synchronous_commit: 'off', wal_writer_delay: '10ms', max_connections: 200 };
    this.#postgres = await startPostgres({ dir: join(dir, 'postgres'), port: ports.postgres, settings });
    const client = new pg.Client({ connectionString: this.#postgres.url() });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const role = await client.query("SELECT 1 FROM pg_roles WHERE rolname = 'gatehouse'");
      const verb = role.rowCount === 0 ? 'CREATE' : 'ALTER';
      await client.query(`${verb} ROLE gatehouse LOGIN PASSWORD ${client.escapeLiteral(password)}`);
      const database = await client.query("SELECT 1 FROM pg_database WHERE datname = 'gatehouse'");
      if (database.rowCount === 0) await client.query('CREATE DATABASE gatehouse OWNER gatehouse');
    } finally {
      await client.end();
    }
    return `postgres://gatehouse:${password}@127.0.0.1:${String(this.#postgres.port)}/gatehouse`;
  }

  async #broken(logs: string): Promise<string> {
    const postgres = this.#postgres;
    const [what, tail] = await Promise.race([
      ...this.#services.map(async (service) => {
        const how = await service.ended;
        return [
          `${service.name} ended by itself (${how}); its last lines, more in ${join(logs, `${service.name}.log`)}:`,
          service.lastLines(),
        ];
      }),
      ...(postgres ? [postgres.ended.then(() => ['PostgreSQL ended by itself:', postgres.log()])] : []),
    ]);
    // Ended because we stopped it.
    if (this.#stopping) return new Promise(() => undefined);
    return `${what ?? ''}\n${tail ?? ''}`;
  }
}

function placesOf(
  authPort: number | undefined,
  resourcePort: number | undefined,
  [auth = 0, resource = 0, worker = 0]: readonly number[],
  database: string,
  queue: string,
): Places {
  if (authPort === undefined || resourcePort === undefined) throw new Error('there is no free port');
  return {
    issuer: `http://127.0.0.1:${String(authPort)}`,
    resourceServer: `http://127.0.0.1:${String(resourcePort)}`,
    authPort,
    resourcePort,
    metricsPorts: { 'auth-server': auth, 'resource-server': resource, worker },
    database,
    queue,
  };
}

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
