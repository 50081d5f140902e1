import { UnusableProviders } from './unusable-providers.js';

export const USAGE = `providers list
providers apply <file>      create and change what a JSON file declares; - reads standard input
providers disable <id>
providers enable <id>
providers remove <id>       with the links and groups it brought; its sessions end, accounts stay
providers test <id>         ask the provider what it says of itself
providers break-glass <username> on|off   let an account sign in by password while LOCAL_SIGN_IN=break-glass
See docs/sso/oidc.md.`;

export type ProvidersCommand =
  | { readonly verb: 'list' }
  | { readonly verb: 'apply'; readonly file: string }
  | { readonly verb: 'disable' | 'enable' | 'remove' | 'test'; readonly id: string }
  | { readonly verb: 'break-glass'; readonly username: string; readonly on: boolean };

/** @throws UnusableProviders with the usage */
export function parseProvidersCommand([verb, subject, choice, ...more]: readonly string[]): ProvidersCommand {
  const misused = new UnusableProviders(`usage:\n${USAGE}`);
  if (more.length > 0 || (choice !== undefined && verb !== 'break-glass')) throw misused;
  if (verb === 'list' && subject === undefined) return { verb };
  if (subject === undefined || subject === '') throw misused;
  switch (verb) {
    case 'apply':
      return { verb, file: subject };
    case 'disable':
    case 'enable':
    case 'remove':
    case 'test':
      return { verb, id: subject };
    case 'break-glass':
      if (choice !== 'on' && choice !== 'off') throw misused;
      return { verb, username: subject, on: choice === 'on' };
    default:
      throw misused;
  }
}
