import { type ResourceDescriptor, resourceDescriptor } from '@gatehouse/metadata';
import { type ResourceIdentifier, resourceIdentifier } from '@gatehouse/protocol';
import { ScopeCatalogue, type ScopeDefinition, union } from '@gatehouse/scopes';
import type { Tool } from './tool.js';

export interface ResourceDeclaration {
  /** Path of the MCP endpoint. An audience of its own: a token for one path is none for another. */
  readonly path: `/${string}`;
  readonly name: string;
  /** Told to the client's model: what the tools are about. */
  readonly instructions?: string;
  readonly documentation?: string;
  readonly scopes: readonly ScopeDefinition[];
  /** What basic use needs. Advertised, asked for first, and granted when a client names none. */
  readonly defaultScopes: readonly ScopeDefinition[];
  readonly tools: readonly Tool[];
}

/** A protected MCP endpoint: its audience, its scopes and its tools. */
export class Resource {
  readonly path: `/${string}`;
  readonly name: string;
  readonly instructions: string | undefined;
  readonly documentation: string | undefined;
  readonly catalogue: ScopeCatalogue;
  readonly defaultScopes: readonly string[];
  readonly tools: ReadonlyMap<string, Tool>;

  constructor(declaration: ResourceDeclaration) {
    const { path, tools, scopes, defaultScopes } = declaration;
    // A root resource would have two spellings, with and without a slash, and clients that disagree about them.
    if (!/^(\/[a-z0-9][a-z0-9._-]*)+$/.test(path)) throw new TypeError(`not a path for a resource: ${path}`);
    this.path = path;
    this.name = declaration.name;
    this.instructions = declaration.instructions;
    this.documentation = declaration.documentation;
    this.catalogue = new ScopeCatalogue(scopes);
    this.defaultScopes = defaultScopes.map(({ name }) => name);
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
    if (this.tools.size !== tools.length) throw new TypeError(`${path} has two tools of one name`);
    const unknown = union(this.defaultScopes, ...tools.map((tool) => tool.scopeNames)).find(
      (name) => !this.catalogue.has(name),
    );
    if (unknown !== undefined) throw new TypeError(`${path} uses a scope that it does not declare: ${unknown}`);
  }

  identifier(publicUrl: string): ResourceIdentifier {
    return resourceIdentifier(publicUrl + this.path);
  }

  /** All that the tools of one request need. Unknown tools need nothing: the caller learns that they are unknown. */
  scopesFor(tools: readonly Tool[]): readonly string[] {
    return union(...tools.map((tool) => tool.scopeNames));
  }
}

/** @throws TypeError for a declaration that contradicts itself */
export function defineResource(declaration: ResourceDeclaration): Resource {
  return new Resource(declaration);
}

/** What the authorization server is told about the resources, see ResourceDescriptor. */
export function describeResources(publicUrl: string, resources: readonly Resource[]): readonly ResourceDescriptor[] {
  return resources.map((resource) =>
    resourceDescriptor.parse({
      identifier: resource.identifier(publicUrl),
      name: resource.name,
      scopes: resource.catalogue.definitions,
      defaultScopes: resource.defaultScopes,
    }),
  );
}
