/** What the deployment begins with: the resources that its server describes, and people to sign in with. */
import { typeable } from '../dev/secrets.ts';
import { type Volumes } from './volumes.ts';

const RESOURCE_SERVER_ID = 'resource-server';

interface ResourceDescriptor {
  readonly identifier: string;
  readonly scopes: readonly { readonly name: string }[];
}

interface Account {
  readonly username: string;
  readonly displayName: string;
  readonly password: string;
  readonly entitlements: Readonly<Record<string, readonly string[]>>;
}

/** For the seed of the authorization server; the catalogue is what the resource server's `describe` printed. */
export function enrolment(volumes: Volumes) {
  const resources = JSON.parse(volumes.read('catalogue', 'resources.json')) as readonly ResourceDescriptor[];
  const secret = volumes.kept('introspection-secret', () => '').trim();
  return { resources, resourceServer: { id: RESOURCE_SERVER_ID, secret }, accounts: accounts(volumes, resources) };
}

/** Where the deployment is, as the demo and the tests want it. */
export function description(volumes: Volumes) {
  const issuer = process.env['ISSUER'] ?? '';
  const seed = JSON.parse(volumes.read('seed', 'seed.json')) as {
    readonly resources: readonly ResourceDescriptor[];
    readonly resourceServer: { readonly id: string; readonly secret: string };
    readonly accounts: readonly Account[];
  };
  return {
    issuer,
    resources: seed.resources.map(({ identifier }) => identifier),
    accounts: seed.accounts.map(({ username, password }) => ({ username, password })),
    introspection: {
      endpoint: `${issuer}/introspect`,
      clientId: seed.resourceServer.id,
      clientSecret: seed.resourceServer.secret,
    },
    /** Nobody outside reaches it. */
    database: '',
    authority: volumes.read('trust', 'ca.pem'),
  };
}

/** The two people of the demo, with different rights; nobody, unless the operator asks for them. */
function accounts(volumes: Volumes, resources: readonly ResourceDescriptor[]): readonly Account[] {
  if (process.env['DEMO_ACCOUNTS'] !== 'on') return [];
  const entitle = (may: (scope: string) => boolean): Record<string, string[]> =>
    Object.fromEntries(
      resources.map(({ identifier, scopes }) => [identifier, scopes.map(({ name }) => name).filter(may)]),
    );
  const person = (username: string, displayName: string, may: (scope: string) => boolean): Account => ({
    username,
    displayName,
    password: volumes.kept(`password-${username}`, typeable),
    entitlements: entitle(may),
  });
  return [
    person('anna', 'Anna Berg', () => true),
    person('ben', 'Ben Okafor', (scope) => /:(read|submit)$/.test(scope)),
  ];
}
