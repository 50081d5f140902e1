import { z } from 'zod';
import { defineResource, type Resource } from '../resource/resource.js';
import { tool, ToolRefusal } from '../resource/tool.js';

const read = { name: 'notes:read', description: 'Read notes' };
const write = { name: 'notes:write', description: 'Write and change notes', implies: ['notes:read'] };
const erase = { name: 'notes:erase', description: 'Erase notes', sensitive: true };

/** What the tools of the sample saw, so that a test can say that nothing happened. */
export const signals: { runs: string[]; aborted: number } = { runs: [], aborted: 0 };

const readNote = tool({
  name: 'read_note',
  title: 'Read a note',
  description: 'Returns a note',
  scopes: [read],
  input: z.object({ id: z.string().max(20) }),
  output: z.object({ id: z.string(), owner: z.string() }),
  annotations: { readOnlyHint: true },
  run: ({ id }, { subject }) => {
    signals.runs.push('read_note');
    if (id !== `of-${subject}`) throw new ToolRefusal('There is no such note.');
    return { id, owner: subject };
  },
});

const replaceNote = tool({
  name: 'replace_note',
  title: 'Replace a note',
  description: 'Erases a note and writes another',
  scopes: [write, erase],
  input: z.object({ id: z.string(), text: z.string() }),
  annotations: { destructiveHint: true },
  run: () => {
    signals.runs.push('replace_note');
    return 'replaced';
  },
});

const breakDown = tool({
  name: 'break_down',
  title: 'Break down',
  description: 'Fails with a message that nobody may see',
  scopes: [read],
  input: z.object({}),
  run: () => {
    throw new Error('relation "secrets" does not exist');
  },
});

const wait = tool({
  name: 'wait',
  title: 'Wait',
  description: 'Ends when its client has gone',
  scopes: [read],
  input: z.object({}),
  run: (_input, _principal, { signal }) =>
    new Promise<string>((resolve) => {
      signals.runs.push('wait');
      signal.addEventListener('abort', () => {
        signals.aborted += 1;
        resolve('aborted');
      });
    }),
});

const sealNote = tool({
  name: 'seal_note',
  title: 'Seal a note',
  description: 'Makes a note final; whoever does it has just signed in',
  scopes: [write],
  authentication: { acr: 'urn:gatehouse:acr:2fa', maxAge: 300 },
  input: z.object({ id: z.string() }),
  run: () => {
    signals.runs.push('seal_note');
    return 'sealed';
  },
});

export function sampleResources(): readonly [Resource, Resource] {
  return [
    defineResource({
      path: '/notes/mcp',
      name: 'Notes',
      instructions: 'Notes of the person who calls.',
      documentation: 'https://docs.example/notes',
      scopes: [read, write, erase],
      defaultScopes: [read],
      tools: [readNote, replaceNote, breakDown, wait, sealNote],
    }),
    defineResource({ path: '/archive/mcp', name: 'Archive', scopes: [read], defaultScopes: [read], tools: [readNote] }),
  ];
}
