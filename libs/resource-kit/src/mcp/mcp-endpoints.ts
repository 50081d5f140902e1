import { createMcpHandler, type AuthInfo, type McpHttpHandler } from '@modelcontextprotocol/server';
import { type NodeMcpRequestHandler, toNodeHandler } from '@modelcontextprotocol/node';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessRecords } from '../records/access-records.js';
import type { Resource } from '../resource/resource.js';
import { ServedResources } from '../resource/served-resources.js';
import { jsonOf } from './mcp-body.js';
import { type Caller, toolServer } from './tool-server.js';

interface Endpoint {
  readonly handler: McpHttpHandler;
  readonly serve: NodeMcpRequestHandler;
}

/**
 * The MCP side of the resources, on the official server: 2026-07-28 as it is meant, 2025-11-25 without sessions. Nothing is
 * kept between requests, so any replica can answer any of them, and there is no session id that could stand for a right.
 */
@Injectable()
export class McpEndpoints implements OnModuleDestroy {
  readonly #endpoints: ReadonlyMap<Resource, Endpoint>;

  constructor(
    resources: ServedResources,
    private readonly records: AccessRecords,
  ) {
    this.#endpoints = new Map(resources.all.map(({ resource }) => [resource, this.#endpoint(resource)]));
  }

  /** For requests that the guards have let through. */
  async serve(resource: Resource, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const endpoint = this.#endpoints.get(resource);
    const { principal } = request;
    if (!endpoint || !principal) throw new Error('an MCP endpoint was reached without a principal');
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    const auth = authInfo({ principal, requestId: request.id });
    const json = request.method === 'POST' ? jsonOf(request) : undefined;
    // In origin form: the official server puts the host before it, whatever it looks like.
    await endpoint.serve(Object.assign(request.raw, { auth, url: resource.path }), reply.raw, json);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.#endpoints.values()].map(({ handler }) => handler.close()));
  }

  #endpoint(resource: Resource): Endpoint {
    const onerror = (error: Error): void => {
      this.records.rejectedByProtocol(resource, error);
    };
    const handler = createMcpHandler(({ authInfo: auth }) => toolServer(resource, callerOf(auth), this.records), {
      legacy: 'stateless',
      onerror,
    });
    return { handler, serve: toNodeHandler(handler, { onerror }) };
  }
}

/** In the form in which the official server carries it. Without the token: no tool has a use for it that would be right. */
function authInfo(caller: Caller): AuthInfo {
  const { clientId, scopes, expiresAt } = caller.principal;
  return {
    token: '',
    clientId,
    scopes: [...scopes],
    expiresAt: Math.floor(expiresAt.getTime() / 1000),
    extra: { caller },
  };
}

function callerOf(auth: AuthInfo | undefined): Caller {
  const caller = auth?.extra?.['caller'];
  if (caller === undefined) throw new Error('an MCP server was asked for without a caller');
  return caller as Caller;
}
