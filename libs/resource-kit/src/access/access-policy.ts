import type { Principal } from '@gatehouse/token-validation';
import type { Resource } from '../resource/resource.js';
import type { Tool } from '../resource/tool.js';

/** What is about to happen. `input` is as the client sent it: unchecked. */
export interface IntendedCall {
  readonly principal: Principal;
  readonly resource: Resource;
  readonly tool: Tool;
  readonly input: unknown;
}

/**
 * A rule of the operator beyond scopes: hours, networks, tools that are switched off. Asked before the tool starts. Its no
 * is a 403 that no further scope can lift, and says so, or clients would ask their person again and again.
 */
export abstract class AccessPolicy {
  abstract permits(call: IntendedCall): Promise<boolean>;
}

export class PermitAll extends AccessPolicy {
  override permits(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
