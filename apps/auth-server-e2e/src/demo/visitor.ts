/** Who opens the authorization URL: a person's own browser, or the test kit in their place. */
import { listenForCallback, PageAgent, type Stack } from '@gatehouse/test-kit';
import { spawn } from 'node:child_process';

export interface Visitor {
  readonly redirectUri: string;
  /** Goes through sign-in and consent; the callback URL. */
  visit(url: string): Promise<string>;
  /** The consent page's words in the last visit, as far as the visitor can tell. */
  readonly consentText: string | undefined;
  close(): Promise<void>;
}

export function headlessVisitor(account: Stack['accounts'][number]): Visitor {
  // Port 9 is never listened on: the agent stops before it would go there.
  const redirectUri = 'http://127.0.0.1:9/callback';
  const agent = new PageAgent();
  return {
    redirectUri,
    async visit(url) {
      return (await agent.authorize(url, { account }, redirectUri)).url;
    },
    get consentText() {
      return agent.pages.at(-1)?.text;
    },
    close: () => Promise.resolve(),
  };
}

export async function browserVisitor(say: (line: string) => void): Promise<Visitor> {
  const listener = await listenForCallback();
  return {
    redirectUri: listener.redirectUri,
    consentText: undefined,
    visit(url) {
      if (!/^https?:\/\//.test(url)) throw new Error('the authorization URL is neither http nor https');
      say(`  Your browser should open. If it does not, visit: ${url}`);
      open(url);
      return listener.wait(300);
    },
    close: () => listener.close(),
  };
}

/** The URL is an argument, never part of a command line: it came from the other side. */
function open(url: string): void {
  const [command, ...before]: readonly [string, ...string[]] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}
