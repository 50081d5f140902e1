import type { FastifyInstance, RouteOptions } from 'fastify';
import type { RouteTraits } from './route.js';

interface Entry {
  readonly pattern: RegExp;
  readonly methods: Map<string, Partial<RouteTraits>>;
}

/**
 * The routes and their traits, collected while they are registered. It answers what Fastify does not tell: which methods
 * a path knows, so that a known path gets a 405 with `Allow` instead of a 404, and to which route a request belonged
 * that was refused before its route ran.
 */
export class RouteTable {
  readonly #entries = new Map<string, Entry>();

  /** Before the routes are registered. */
  watch(fastify: FastifyInstance): this {
    fastify.addHook('onRoute', (route) => {
      this.#add(route);
    });
    return this;
  }

  /** Empty for a path that no route knows. */
  allowed(path: string): readonly string[] {
    return [...new Set(this.#matching(path).flatMap(({ methods }) => [...methods.keys()]))].sort();
  }

  traits(method: string, path: string): Partial<RouteTraits> | undefined {
    return this.#matching(path)
      .map(({ methods }) => methods.get(method))
      .find((traits) => traits !== undefined);
  }

  #matching(path: string): readonly Entry[] {
    return [...this.#entries.values()].filter(({ pattern }) => pattern.test(path));
  }

  #add({ url, method, config = {} }: RouteOptions): void {
    const entry = this.#entries.get(url) ?? { pattern: patternOf(url), methods: new Map<string, object>() };
    for (const name of Array.isArray(method) ? method : [method]) entry.methods.set(name, config);
    this.#entries.set(url, entry);
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
