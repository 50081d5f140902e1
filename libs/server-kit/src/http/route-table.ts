import type { FastifyInstance, RouteOptions } from 'fastify';

/**
 * Which methods a path knows, collected while routes are registered. Fastify answers 404 where the path exists but the
 * method does not; clients that probe deserve a 405 with `Allow`.
 */
export class RouteTable {
  readonly #routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  watch(fastify: FastifyInstance): this {
    fastify.addHook('onRoute', (route) => {
      this.#add(route);
    });
    return this;
  }

  /** Empty for a path that no route knows. */
  allowed(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.#routes.values())
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    return [...methods].sort();
  }

  #add({ url, method }: RouteOptions): void {
    const known = this.#routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const name of Array.isArray(method) ? method : [method]) known.methods.add(name);
    this.#routes.set(url, known);
  }
}

function patternOf(url: string): RegExp {
  const source = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
