/**
 * libs/test-kit for a tool: it is written for the bundler, so it is bundled before it is loaded, as an application is.
 * The types are what we use of it; taken from the source, they would hold it to the rules for tools.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle, WORKSPACE } from '../build/bundle.ts';

interface Account {
  readonly username: string;
  readonly password: string;
}

export interface TestKit {
  readStack(): {
    readonly issuer: string;
    readonly resources: readonly [string, string];
    readonly accounts: readonly [Account, Account];
  };
  readonly OAuthFlow: new (issuer: string) => {
    register(metadata: Readonly<Record<string, unknown>>): Promise<{ readonly client_id: string }>;
    connected(options: {
      readonly decision: { readonly account: Account };
      readonly resource: string;
    }): Promise<{ readonly tokens: { readonly access_token: string } }>;
  };
  readonly PageAgent: new () => {
    authorize(url: string, decision: { readonly account: Account }): Promise<{ readonly url: string }>;
  };
  ask(url: string): Promise<unknown>;
}

export async function loadTestKit(): Promise<TestKit> {
  const out = join(WORKSPACE, 'dist/tools/conformance');
  await bundle({ 'test-kit': join(WORKSPACE, 'libs/test-kit/src/index.ts') }, out);
  return (await import(pathToFileURL(join(out, 'test-kit.js')).href)) as TestKit;
}
