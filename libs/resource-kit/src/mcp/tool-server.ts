import { McpServer, type CallToolResult } from '@modelcontextprotocol/server';
import type { Principal } from '@gatehouse/token-validation';
import type { AccessRecords } from '../records/access-records.js';
import type { Resource } from '../resource/resource.js';
import { type Tool, ToolRefusal } from '../resource/tool.js';

export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
}

/** Bounds the work of validating a hostile argument. */
const MAX_INPUT_ELEMENTS = 10_000;
const VERSION = '1.0.0';

/**
 * The tools of one resource for one request and one caller. All are listed, also those that the token does not cover:
 * a client cannot ask for a scope whose tool it has never seen.
 */
export function toolServer(resource: Resource, caller: Caller, records: AccessRecords): McpServer {
  const server = new McpServer(
    { name: resource.name, version: VERSION },
    {
      // The list is the same until the next deployment. So a subscription has nothing to wait for, and ends at once.
      capabilities: { tools: { listChanged: false } },
      maxToolInputElements: MAX_INPUT_ELEMENTS,
      ...(resource.instructions === undefined ? {} : { instructions: resource.instructions }),
    },
  );
  for (const tool of resource.tools.values())
    server.registerTool(
      tool.name,
      {
        title: tool.title,
        description: tool.description,
        inputSchema: tool.input,
        ...(tool.output === undefined ? {} : { outputSchema: tool.output }),
        annotations: { ...tool.annotations },
      },
      async (input, { mcpReq: { signal } }) => run({ resource, tool, caller, records }, input, signal),
    );
  return server;
}

interface Run {
  readonly resource: Resource;
  readonly tool: Tool;
  readonly caller: Caller;
  readonly records: AccessRecords;
}

async function run(
  { resource, tool, caller, records }: Run,
  input: unknown,
  signal: AbortSignal,
): Promise<CallToolResult> {
  const { principal, requestId } = caller;
  const began = performance.now();
  const finished = (outcome: 'done' | 'refused' | 'failed'): void => {
    records.finished({ resource, tool, outcome, seconds: (performance.now() - began) / 1000 });
  };
  try {
    // The guard has decided this from the body. Should a call ever get here past it, it ends here.
    if (resource.catalogue.missing(principal.scopes, tool.scopeNames).length > 0)
      throw new Error(`${tool.name} was reached without its scopes`);
    const output = await tool.run(input, principal, { signal });
    finished('done');
    return typeof output === 'string'
      ? { content: [{ type: 'text', text: output }] }
      : {
          content: [{ type: 'text', text: JSON.stringify(output) }],
          structuredContent: output as Record<string, unknown>,
        };
  } catch (error) {
    if (error instanceof ToolRefusal) {
      finished('refused');
      return failure(error.message);
    }
    finished('failed');
    records.failed('tool.failed', error, { resource: resource.path, tool: tool.name, requestId });
    return failure('The tool failed. It is not your request; try again later.');
  }
}

function failure(text: string): CallToolResult {
  return { content: [{ type: 'text', text }], isError: true };
}
