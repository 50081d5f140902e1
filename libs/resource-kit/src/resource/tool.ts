import { type AuthenticationDemand, type Principal, requirePossible } from '@gatehouse/token-validation';
import type { ScopeDefinition } from '@gatehouse/scopes';
import type { z } from 'zod';

export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** What a tool knows of the request besides its input and its caller. */
export interface ToolCall {
  /** Aborted when the client has gone: stop, and undo nothing that was done. */
  readonly signal: AbortSignal;
}

type Values = z.ZodObject;

/**
 * One tool, declared in one file. `scopes` is what a call needs; it is read by the guard, the challenge, the metadata and
 * the consent page. `run` decides whether this principal may touch *this* object: a scope cannot know that.
 */
export interface ToolDeclaration<Input extends Values, Output extends Values | undefined> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly ScopeDefinition[];
  /** How recent, or how strong, the person's sign-in must be. Without it any will do, however long ago. */
  readonly authentication?: AuthenticationDemand;
  readonly input: Input;
  /** With it, the result is structured and checked; without it, text. */
  readonly output?: Output;
  readonly annotations?: ToolAnnotations;
  run(input: z.output<Input>, principal: Principal, call: ToolCall): ToolResult<Output> | Promise<ToolResult<Output>>;
}

type ToolResult<Output extends Values | undefined> = Output extends Values ? z.input<Output> : string;

/** A declaration whose types have been checked and put away, so that tools of all kinds fit in one list. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly scopes: readonly ScopeDefinition[];
  readonly scopeNames: readonly string[];
  readonly authentication: AuthenticationDemand | undefined;
  readonly input: Values;
  readonly output: Values | undefined;
  readonly annotations: ToolAnnotations;
  run(input: unknown, principal: Principal, call: ToolCall): Promise<unknown>;
}

/**
 * @throws TypeError for a name that clients and log labels could not bear, a tool that everybody could call, or a sign-in
 *   that nobody could bring
 */
export function tool<Input extends Values, Output extends Values | undefined = undefined>(
  declaration: ToolDeclaration<Input, Output>,
): Tool {
  const { name, scopes, authentication } = declaration;
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) throw new TypeError(`not a tool name: ${name}`);
  if (scopes.length === 0) throw new TypeError(`the tool ${name} names no scope`);
  if (authentication) requirePossible(authentication);
  return {
    name,
    title: declaration.title,
    description: declaration.description,
    scopes,
    scopeNames: scopes.map((scope) => scope.name),
    authentication,
    input: declaration.input,
    output: declaration.output,
    annotations: declaration.annotations ?? {},
    run: async (input, principal, call) => declaration.run(input as z.output<Input>, principal, call),
  };
}

/**
 * Thrown by a tool that will not do it: not found, not yours, not in this state. The sentence goes to the client's model,
 * so it is a fixed one. What belongs to others is *not found*: a different answer would tell that it exists.
 */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal';
}
