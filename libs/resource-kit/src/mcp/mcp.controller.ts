import { Controller, Delete, Get, Options, Post, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RouteOf } from '../access/protected-route.js';
import { Public } from '../access/public.decorator.js';
import { answerPreflight } from '../access/request-origin.guard.js';
import type { Resource } from '../resource/resource.js';
import { McpEndpoints } from './mcp-endpoints.js';

/** The routes of one resource. GET and DELETE belong to sessions of older revisions: whoever may come in is told 405. */
export function mcpController(resource: Resource): Type {
  @Controller(resource.path)
  class McpController {
    constructor(private readonly endpoints: McpEndpoints) {}

    @Post()
    @RouteOf(resource)
    call(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.endpoints.serve(resource, request, reply);
    }

    @Get()
    @RouteOf(resource)
    stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.endpoints.serve(resource, request, reply);
    }

    @Delete()
    @RouteOf(resource)
    end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      return this.endpoints.serve(resource, request, reply);
    }

    @Options()
    @Public()
    @RouteOf(resource)
    preflight(@Res() reply: FastifyReply): void {
      answerPreflight(reply);
    }
  }
  return McpController;
}
