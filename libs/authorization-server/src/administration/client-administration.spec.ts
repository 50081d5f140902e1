import type { OAuthError } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { clientDeclaration } from '../pre-registration/client-declaration.js';
import { PreRegistration } from '../pre-registration/pre-registration.js';
import type { OwnPrincipal } from '../resources/own-access.js';
import { form, type MemoryCore, memoryCore } from '../testing/memory-core.js';
import { ClientAdministration } from './client-administration.js';

const DECLARATION = {
  client_id: 'nightly-report',
  client_name: 'Nightly report',
  grant_types: ['client_credentials'],
  token_endpoint_auth_method: 'client_secret_basic',
  scopes: ['invoices:read'],
};

describe('ClientAdministration', () => {
  let core: MemoryCore;
  let administration: ClientAdministration;
  const caller = { clientId: 'robot', scopes: ['clients:write'] } as unknown as OwnPrincipal;
  beforeEach(() => {
    core = memoryCore();
    const { clock, policy, secrets, clients, resources } = core;
    const operator = new PreRegistration({ clock, policy, secrets, store: core.preRegistration });
    administration = new ClientAdministration({
      clock,
      clients,
      resources,
      operator,
      administration: core.administration,
    });
  });

  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: unknown) => {
        const { code, reason } = error as OAuthError;
        return [code, reason];
      },
    );
  async function costOf(work: () => Promise<unknown>): Promise<number> {
    const before = core.database.verbs;
    await work();
    return core.database.verbs - before;
  }

  it('costs what its head says', async () => {
    const dynamic = core.client();
    expect(await costOf(() => administration.create(caller, DECLARATION))).toBe(2);
    const id = DECLARATION.client_id;
    expect(await costOf(() => administration.read(id))).toBe(1);
    expect(await costOf(() => administration.list(form({})))).toBe(1);
    expect(await costOf(() => administration.replace(caller, id, DECLARATION, '*'))).toBe(2);
    expect(await costOf(() => administration.renewSecret(caller, id, {}))).toBe(1);
    expect(await costOf(() => administration.endPreviousSecret(caller, id))).toBe(1);
    expect(await costOf(() => administration.disable(caller, id))).toBe(1);
    expect(await costOf(() => administration.disable(caller, dynamic.id))).toBe(3);
    expect(await costOf(() => administration.revoke(caller, id))).toBe(1);
    expect(await costOf(() => administration.remove(caller, id))).toBe(1);
  });

  it('does nothing, and records nothing, where it refuses', async () => {
    const dynamic = core.client();
    await administration.create(caller, DECLARATION);
    const id = DECLARATION.client_id;
    const events = core.database.audit.length;
    const before = core.database.clients.get(dynamic.id);
    for (const [attempt, expected] of [
      [() => administration.create(caller, DECLARATION), ['conflict', 'client_id_taken']],
      [() => administration.create(caller, {}), ['invalid_client_metadata', 'invalid_client_metadata']],
      [
        () => administration.replace(caller, id, DECLARATION, undefined),
        ['precondition_required', 'missing_precondition'],
      ],
      [() => administration.replace(caller, id, DECLARATION, '"old"'), ['precondition_failed', 'client_changed_since']],
      [
        () => administration.replace(caller, 'other', DECLARATION, '*'),
        ['invalid_client_metadata', 'metadata_of_other_client'],
      ],
      [() => administration.read('nobody'), ['not_found', 'unknown_client']],
      [() => administration.read('no id'), ['not_found', 'unknown_client']],
      [() => administration.remove(caller, 'nobody'), ['not_found', 'unknown_client']],
      [() => administration.revoke(caller, 'nobody'), ['not_found', 'unknown_client']],
      [() => administration.enable(caller, 'nobody'), ['not_found', 'unknown_client']],
      [() => administration.renewSecret(caller, 'nobody', {}), ['not_found', 'unknown_client']],
      [() => administration.renewSecret(caller, dynamic.id, {}), ['conflict', 'client_not_pre_registered']],
      [() => administration.endPreviousSecret(caller, id), ['not_found', 'no_previous_secret']],
      [
        () => administration.create(caller, { ...DECLARATION, client_id: 'peer', scopes: ['clients:read'] }),
        ['access_denied', 'administrator_client'],
      ],
    ] as const)
      expect(await refusal(attempt())).toEqual(expected);
    expect(core.database.audit).toHaveLength(events);
    expect(core.database.clients.get(dynamic.id)).toEqual(before);
  });

  it('leaves to the command what only the command may do', async () => {
    const { clock, policy, secrets } = core;
    const command = new PreRegistration({ clock, policy, secrets, store: core.preRegistration });
    const { outcome } = await command.apply(
      clientDeclaration.parse({ ...DECLARATION, client_id: 'console', scopes: ['clients:write'] }),
    );
    expect(outcome).toBe('created');
    expect(core.database.audit.at(-1)).not.toHaveProperty('actorId');
    for (const attempt of [
      () => administration.renewSecret(caller, 'console', {}),
      () => administration.endPreviousSecret(caller, 'console'),
      () => administration.enable(caller, 'console'),
      () => administration.replace(caller, 'console', { ...DECLARATION, client_id: 'console' }, '*'),
    ])
      expect(await refusal(attempt())).toEqual(['access_denied', 'administrator_client']);
    expect((await administration.disable(caller, 'console')).client.disabled_at).not.toBeNull();
    await administration.remove(caller, 'console');
  });
});
