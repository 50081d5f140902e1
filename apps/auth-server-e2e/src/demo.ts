/**
 * `npm run demo`: plays an MCP client against the running stack. `--browser` lets you sign in yourself.
 * Exit code 0 only if every step was seen on the wire.
 */
import { readStack } from '@gatehouse/test-kit';
import { Narrator } from './demo/narrator.js';
import { Story } from './demo/story.js';
import { browserVisitor, headlessVisitor } from './demo/visitor.js';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.filter((arg) => arg !== '--browser');
  if (unknown.length > 0) throw new Error(`unknown argument: ${unknown.join(' ')} (only --browser is known)`);
  const stack = readStack();
  const [anna] = stack.accounts;
  const visitor = args.includes('--browser') ? await browserVisitor(say) : headlessVisitor(anna);
  if (args.includes('--browser')) say(`  Sign in as ${anna.username}; npm start has printed the password.`);
  try {
    await new Story(stack, visitor, new Narrator(say)).play();
  } finally {
    await visitor.close();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
