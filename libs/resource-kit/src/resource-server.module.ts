import { DpopNonces } from '@gatehouse/dpop';
import { EventLogger, Health, Metrics, type RateLimit } from '@gatehouse/platform';
import { Clock, SystemClock } from '@gatehouse/protocol';
import {
  AccessAuthentication,
  AccessTokenValidator,
  CachedIssuerKeys,
  IssuerKeys,
  KeySetSource,
  MemoryUsedProofs,
  ProofOfPossession,
  RememberedLiveness,
  TokenLiveness,
  UncheckedLiveness,
  UsedProofs,
} from '@gatehouse/token-validation';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AccessPolicy, PermitAll } from './access/access-policy.js';
import { AccessTokenGuard } from './access/access-token.guard.js';
import { AccessTokenStrategy } from './access/access-token.strategy.js';
import { RequestOriginGuard, RequestOrigins } from './access/request-origin.guard.js';
import { ToolCallLimit } from './access/tool-call-limit.js';
import { ToolScopeGuard } from './access/tool-scope.guard.js';
import { HealthController } from './health/health.controller.js';
import { HttpKeySetSource } from './issuer/http-key-set-source.js';
import { HttpTokenLiveness, type ResourceServerCredentials } from './issuer/http-token-liveness.js';
import { IssuerEndpoints } from './issuer/issuer-endpoints.js';
import { McpEndpoints } from './mcp/mcp-endpoints.js';
import { mcpController } from './mcp/mcp.controller.js';
import { RawBodies } from './mcp/raw-body.js';
import { metadataController } from './metadata/metadata.controller.js';
import { AccessRecords } from './records/access-records.js';
import { ChallengeFilter } from './refusals/challenge.filter.js';
import { Challenges } from './refusals/challenges.js';
import type { Resource } from './resource/resource.js';
import { ServedResources } from './resource/served-resources.js';

export interface DpopOptions {
  /** Newest first, 32 bytes or more each. With one, proofs need a nonce of ours; replicas share them. */
  readonly nonceKeys?: readonly Uint8Array[];
  /** No token that is not bound to a key is taken. */
  readonly required?: boolean;
  /** In place of the memory of this process: a store that replicas share. */
  readonly usedProofs?: UsedProofs;
}

export interface ResourceServerOptions {
  /** The one issuer whose tokens open these resources, byte-exact. */
  readonly issuer: string;
  /** Origin by which clients reach this server; with a resource's path it is the audience. */
  readonly publicUrl: string;
  readonly resources: readonly Resource[];
  /** Pages that may call from a browser, besides our own. */
  readonly allowedOrigins?: readonly string[];
  /** With them the issuer is asked whether tokens are still wanted; without, they are until they expire. */
  readonly credentials?: ResourceServerCredentials | undefined;
  /** How long a yes to that may be used again. */
  readonly livenessSeconds?: number;
  /** Tokens that are bound to a key are taken always, with a proof. This is what goes beyond. */
  readonly dpop?: DpopOptions;
  readonly policy?: AccessPolicy;
  /** Of one person by one client and resource, in this process; without it there is none. */
  readonly toolCallLimit?: RateLimit;
  readonly logger: EventLogger;
  readonly metrics?: Metrics;
  readonly health?: Health;
}

/**
 * Everything between the socket and a tool. Guards run in the order given here: where from, who, what. An app brings its
 * resources and nothing else.
 */
@Module({})
export class ResourceServerModule {
  static forRoot(options: ResourceServerOptions): DynamicModule {
    const { resources } = options;
    return {
      module: ResourceServerModule,
      controllers: [HealthController, ...resources.map(mcpController), ...resources.map(metadataController)],
      providers: [
        ...processProviders(options),
        ...issuerProviders(options),
        ...authenticationProviders(options),
        { provide: ServedResources, useFactory: () => new ServedResources(resources, options) },
        { provide: RequestOrigins, useFactory: () => new RequestOrigins(options.publicUrl, options.allowedOrigins) },
        { provide: AccessPolicy, useValue: options.policy ?? new PermitAll() },
        {
          provide: ToolCallLimit,
          useFactory: (clock: Clock) => new ToolCallLimit(options.toolCallLimit, clock),
          inject: [Clock],
        },
        {
          provide: RawBodies,
          useFactory: (host: HttpAdapterHost) => new RawBodies(() => host.httpAdapter.getInstance<FastifyInstance>()),
          inject: [HttpAdapterHost],
        },
        McpEndpoints,
        Challenges,
        AccessTokenStrategy,
        { provide: APP_GUARD, useClass: RequestOriginGuard },
        { provide: APP_GUARD, useClass: AccessTokenGuard },
        { provide: APP_GUARD, useClass: ToolScopeGuard },
        { provide: APP_FILTER, useClass: ChallengeFilter },
      ],
    };
  }
}

function processProviders({
  logger,
  metrics = new Metrics(),
  health = new Health(),
  resources,
}: ResourceServerOptions): Provider[] {
  return [
    { provide: Clock, useClass: SystemClock },
    { provide: EventLogger, useValue: logger },
    { provide: Metrics, useValue: metrics },
    {
      provide: Health,
      useFactory: (keys: IssuerKeys) => health.add('issuer', () => keys.ready()),
      inject: [IssuerKeys],
    },
    { provide: AccessRecords, useFactory: () => new AccessRecords(logger, metrics, resources) },
  ];
}

function issuerProviders({ issuer, credentials, livenessSeconds = 5 }: ResourceServerOptions): Provider[] {
  return [
    { provide: IssuerEndpoints, useFactory: () => new IssuerEndpoints(issuer) },
    {
      provide: KeySetSource,
      useFactory: (endpoints: IssuerEndpoints) => new HttpKeySetSource(endpoints),
      inject: [IssuerEndpoints],
    },
    {
      provide: IssuerKeys,
      useFactory: (source: KeySetSource, clock: Clock) => new CachedIssuerKeys(source, clock),
      inject: [KeySetSource, Clock],
    },
    {
      provide: TokenLiveness,
      useFactory: (endpoints: IssuerEndpoints, clock: Clock) =>
        credentials
          ? new RememberedLiveness(new HttpTokenLiveness(endpoints, credentials), clock, livenessSeconds)
          : new UncheckedLiveness(),
      inject: [IssuerEndpoints, Clock],
    },
  ];
}

function authenticationProviders({ issuer, dpop = {} }: ResourceServerOptions): Provider[] {
  const { nonceKeys = [], required, usedProofs } = dpop;
  return [
    { provide: UsedProofs, useFactory: (clock: Clock) => usedProofs ?? new MemoryUsedProofs(clock), inject: [Clock] },
    {
      provide: ProofOfPossession,
      useFactory: (used: UsedProofs, clock: Clock) =>
        new ProofOfPossession(used, clock, {
          required,
          nonces: nonceKeys.length === 0 ? undefined : new DpopNonces(nonceKeys, clock),
        }),
      inject: [UsedProofs, Clock],
    },
    {
      provide: AccessTokenValidator,
      useFactory: (keys: IssuerKeys, clock: Clock) => new AccessTokenValidator({ issuer }, keys, clock),
      inject: [IssuerKeys, Clock],
    },
    {
      provide: AccessAuthentication,
      useFactory: (validator: AccessTokenValidator, liveness: TokenLiveness, possession: ProofOfPossession) =>
        new AccessAuthentication(validator, liveness, possession),
      inject: [AccessTokenValidator, TokenLiveness, ProofOfPossession],
    },
  ];
}
