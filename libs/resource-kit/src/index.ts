/** All that a protected MCP app needs, and nothing of the authorization server. */
export { AccessPolicy, type IntendedCall } from './access/access-policy.js';
export { Public } from './access/public.decorator.js';
export type { ResourceServerCredentials } from './issuer/http-token-liveness.js';
export { printDescription } from './process/print-description.js';
export { type ResourceServerApp, startResourceServer } from './process/resource-server.js';
export { defineResourceServerConfiguration, readPublicUrl, type ResourceServerConfig } from './process/settings.js';
export { answerProblem } from './refusals/answer-problem.js';
export { type DpopOptions, ResourceServerModule, type ResourceServerOptions } from './resource-server.module.js';
export { defineResource, describeResources, Resource, type ResourceDeclaration } from './resource/resource.js';
export {
  tool,
  type Tool,
  type ToolAnnotations,
  type ToolCall,
  type ToolDeclaration,
  ToolRefusal,
} from './resource/tool.js';
export { type AuthenticationDemand, type Principal, type UsedProof, UsedProofs } from '@gatehouse/token-validation';
export type { ScopeDefinition } from '@gatehouse/scopes';
