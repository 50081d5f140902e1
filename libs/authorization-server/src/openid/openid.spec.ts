/* An ID token from the request to the refresh, and what userinfo says: one story, told in the order in which a client meets it. */
import { OAuthError } from '@gatehouse/protocol';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { SignedInPerson } from '../authorize/interaction.js';
import type { Client } from '../clients/client.js';
import { userinfoResource } from '../resources/own-resources.js';
import type { ProtectedResource } from '../resources/protected-resource.js';
import {
  approvedCode,
  authorizationRequest,
  BROWSER,
  form,
  ISSUER,
  type MemoryCore,
  memoryCore,
  VERIFIER,
} from '../testing/memory-core.js';
import type { TokenResponse } from '../tokens/token-endpoint.js';
import { userinfo } from './userinfo.js';

const USERINFO = userinfoResource(ISSUER);
const ALL = 'openid profile email';
const PROFILE = {
  displayName: 'Anna Müller',
  username: 'anna',
  email: { address: 'anna@house.example', verified: true },
};
const NONCE = 'n-0S6_WzA2Mj';

describe('OpenID Connect', () => {
  let core: MemoryCore;
  let client: Client;
  let resource: ProtectedResource;
  let person: SignedInPerson;
  beforeEach(async () => {
    core = memoryCore({ policy: { deviceAuthorization: true } });
    await core.ownResources.publish();
    client = core.client();
    resource = core.resource();
    person = core.person(resource);
    core.database.accounts.set(person.accountId, { disabled: false, profile: PROFILE });
  });

  type Change = Readonly<Record<string, string | undefined>>;
  const mixed = { scope: `invoices:read ${ALL}`, nonce: NONCE };
  const plain = { resource: undefined, scope: ALL, nonce: NONCE };
  const codeFor = (change: Change, approved?: readonly string[], of = client) =>
    approvedCode(core, of, resource, person, change, approved ?? (change['scope'] ?? '').split(' '));
  const redeem = (code: string, of = client) =>
    core.token.handle({
      parameters: form({ grant_type: 'authorization_code', client_id: of.id, code, code_verifier: VERIFIER }),
    });
  const refresh = (refresh_token: string | undefined, scope?: string) =>
    core.token.handle({
      parameters: form({ grant_type: 'refresh_token', client_id: client.id, refresh_token, scope }),
    });
  const tokensFor = async (change: Change, approved?: readonly string[]) => redeem(await codeFor(change, approved));
  const idToken = ({ id_token }: TokenResponse) => decodeJwt(id_token!);
  const accessToken = ({ access_token }: TokenResponse) => decodeJwt(access_token);
  const whoIs = async ({ access_token }: TokenResponse) =>
    userinfo(
      await core.ownAccess.admit({
        authorization: [`Bearer ${access_token}`],
        query: '',
        method: 'GET',
        url: USERINFO.identifier,
        proofs: [],
        resource: USERINFO,
        scopes: ['openid'],
      }),
    );
  const refusal = (attempt: Promise<unknown>) =>
    attempt.then(
      () => undefined,
      (error: unknown) => (error instanceof OAuthError ? [error.code, error.reason] : error),
    );
  const now = () => Math.floor(core.clock.now().getTime() / 1000);

  describe('an ID token', () => {
    it('tells one client of one sign-in, with the nonce of the request, and names nobody to whom it may not', async () => {
      const tokens = await tokensFor(plain);
      expect(decodeProtectedHeader(tokens.id_token!)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k1' });
      expect(idToken(tokens)).toEqual({
        iss: ISSUER,
        sub: person.accountId,
        aud: client.id,
        iat: now(),
        exp: now() + 300,
        auth_time: now(),
        nonce: NONCE,
        acr: 'urn:gatehouse:acr:1fa',
        amr: ['pwd'],
        sid: person.sid,
      });
      expect(tokens.scope).toBe(ALL);
      expect(accessToken(tokens)).toMatchObject({ aud: USERINFO.identifier, scope: ALL });
    });

    it('comes besides the access token of a resource, and then brings name and address along', async () => {
      const tokens = await tokensFor(mixed);
      expect(tokens.scope).toBe(mixed.scope);
      expect(accessToken(tokens)).toMatchObject({ aud: resource.identifier, scope: 'invoices:read' });
      expect(idToken(tokens)).toMatchObject({
        nonce: NONCE,
        name: PROFILE.displayName,
        preferred_username: PROFILE.username,
        email: PROFILE.email.address,
        email_verified: true,
      });
    });

    it('says nothing that the person did not agree to', async () => {
      const told = idToken(await tokensFor(mixed, ['invoices:read', 'openid', 'profile']));
      expect(told).toMatchObject({ name: PROFILE.displayName });
      expect(told).not.toHaveProperty('email');
      const bare = await tokensFor(mixed, ['invoices:read']);
      expect(bare).not.toHaveProperty('id_token');
      expect(
        JSON.stringify([idToken(await tokensFor(mixed, ['invoices:read', 'openid'])), accessToken(bare)]),
      ).not.toMatch(/Anna|anna/);
    });

    it('has no nonce when the request had none, and none of another flow', async () => {
      expect(idToken(await tokensFor({ ...plain, nonce: undefined }))).not.toHaveProperty('nonce');
      const codes = [await codeFor({ ...plain, nonce: 'one' }), await codeFor({ ...plain, nonce: 'two' })] as const;
      expect(idToken(await redeem(codes[1]))['nonce']).toBe('two');
      expect(idToken(await redeem(codes[0]))['nonce']).toBe('one');
    });

    it('comes again at a refresh: same person, same sign-in, no nonce; and not when openid is not asked for', async () => {
      const first = await tokensFor(mixed);
      const signedInAt = idToken(first)['auth_time'];
      core.clock.advance(3600);
      const next = await refresh(first.refresh_token);
      expect(idToken(next)).toMatchObject({
        sub: person.accountId,
        auth_time: signedInAt,
        sid: person.sid,
        iat: now(),
      });
      expect(idToken(next)).not.toHaveProperty('nonce');
      expect(await refresh(next.refresh_token, 'invoices:read')).not.toHaveProperty('id_token');
    });

    it('is not to be had by narrowing the token of a resource down to identity', async () => {
      const { refresh_token } = await tokensFor(mixed);
      expect(await refusal(refresh(refresh_token, 'openid'))).toEqual(['invalid_scope', 'scope_not_granted']);
      expect(await refresh(refresh_token)).toHaveProperty('id_token');
    });

    it('is no longer made when the person has lost the right to all the rest', async () => {
      const { refresh_token } = await tokensFor(mixed);
      await core.entitlements.grant(person.accountId, resource.identifier, []);
      expect(await refusal(refresh(refresh_token))).toEqual(['invalid_grant', 'scope_not_entitled']);
    });

    it('costs one signature more and no store call', async () => {
      const without = await codeFor({ scope: 'invoices:read' });
      const withIdentity = await codeFor(mixed);
      await redeem(await codeFor({ scope: 'invoices:read' }));
      const cost = async (code: string) => {
        const [verbs, signed] = [core.database.verbs, core.signer.signed.length];
        const { refresh_token } = await redeem(code);
        const after = [core.database.verbs, core.signer.signed.length] as const;
        await refresh(refresh_token);
        const end = [core.database.verbs, core.signer.signed.length] as const;
        return { redeem: [after[0] - verbs, after[1] - signed], refresh: [end[0] - after[0], end[1] - after[1]] };
      };
      expect(await cost(without)).toEqual({ redeem: [3, 1], refresh: [3, 1] });
      expect(await cost(withIdentity)).toEqual({ redeem: [3, 2], refresh: [3, 2] });
    });

    it('is signed before anything is spent: without a key the code is still good', async () => {
      const code = await codeFor(plain);
      core.signer.available = false;
      expect(await refusal(redeem(code))).toEqual(['temporarily_unavailable', 'keys_unavailable']);
      core.signer.available = true;
      expect(await redeem(code)).toHaveProperty('id_token');
    });

    it('is no access token, for nobody: not at userinfo, not at introspection, not as a refresh token', async () => {
      const { id_token = '' } = await tokensFor(plain);
      expect(await core.accessTokens.read(id_token)).toBeUndefined();
      expect(await refusal(whoIs({ access_token: id_token } as TokenResponse))).toEqual([
        'invalid_token',
        'malformed_access_token',
      ]);
      expect(await refusal(refresh(id_token))).toEqual(['invalid_grant', 'malformed_refresh_token']);
    });

    it('reaches a device too', async () => {
      const device = core.client({ grantTypes: ['urn:ietf:params:oauth:grant-type:device_code'], redirectUris: [] });
      const { device_code, user_code } = await core.deviceAuthorization.begin({
        parameters: form({ client_id: device.id, scope: 'openid email' }),
        network: '192.0.2.7',
      });
      const { interactionId } = await core.userCodeEntry.start({ browser: BROWSER, person });
      await core.userCodeEntry.enter({
        interactionId,
        browser: BROWSER,
        person,
        network: '192.0.2.7',
        typed: user_code,
      });
      await core.authorization.decide(interactionId, BROWSER, person, { approve: true, scopes: ['openid', 'email'] });
      const tokens = await core.token.handle({
        parameters: form({
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          client_id: device.id,
          device_code,
        }),
      });
      expect(idToken(tokens)).toMatchObject({ aud: device.id, sub: person.accountId, sid: person.sid });
      expect(await whoIs(tokens)).toEqual({
        sub: person.accountId,
        email: PROFILE.email.address,
        email_verified: true,
      });
    });
  });

  describe('a request', () => {
    const location = async (change: Change) => {
      const parameters = authorizationRequest(client, resource, change);
      const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
      return core.authorization.step(interactionId, BROWSER, person);
    };

    it('that names no resource and wants identity alone is for userinfo, offline_access or not', async () => {
      const step = await location({ ...plain, scope: 'openid offline_access email' });
      expect(step).toMatchObject({
        kind: 'consent',
        view: {
          resource: { identifier: USERINFO.identifier, isIdentity: true },
          scopes: [{ name: 'openid' }, { name: 'email' }],
          withheld: [],
        },
      });
    });

    it('for a resource shows identity among the rest', async () => {
      expect(await location(mixed)).toMatchObject({
        kind: 'consent',
        view: {
          resource: { identifier: resource.identifier, isIdentity: false },
          scopes: [{ name: 'invoices:read' }, { name: 'openid' }, { name: 'profile' }, { name: 'email' }],
        },
      });
    });

    it('for a resource that names nothing but identity gets the default of the resource besides', async () => {
      const tokens = await tokensFor({ scope: 'openid email' }, ['invoices:read', 'openid', 'email']);
      expect(tokens.scope).toBe('invoices:read openid email');
      expect(accessToken(tokens)).toMatchObject({ aud: resource.identifier, scope: 'invoices:read' });
    });

    it('is denied when the person keeps everything but identity to herself', async () => {
      const parameters = authorizationRequest(client, resource, mixed);
      const { interactionId } = await core.authorization.start({ parameters, browser: BROWSER, person });
      const decision = { approve: true, scopes: ['openid', 'profile'] } as const;
      const { location: to } = await core.authorization.decide(interactionId, BROWSER, person, decision);
      expect(new URL(to).searchParams.get('error')).toBe('access_denied');
    });

    it('of a client that is registered for some scopes gets identity only if it is among them', async () => {
      client = core.client({ scopes: ['invoices:read'] });
      expect(await tokensFor(mixed)).toMatchObject({ scope: 'invoices:read' });
      expect(await location(plain)).toMatchObject({ kind: 'refusal', view: { code: 'invalid_scope' } });
      client = core.client({ scopes: ['invoices:read', 'openid'] });
      expect(await tokensFor(mixed)).toMatchObject({ scope: 'invoices:read openid' });
    });

    it('may bring what this server does not know, and a nonce of some length', async () => {
      const claims = JSON.stringify({ id_token: { email: { essential: true } } });
      const tokens = await tokensFor({ ...plain, scope: 'openid', claims, display: 'popup', ui_locales: 'de' });
      expect(idToken(tokens)).not.toHaveProperty('email');
      expect(idToken(await tokensFor({ ...plain, nonce: 'n'.repeat(512) }))['nonce']).toHaveLength(512);
      const step = await location({ ...plain, nonce: 'n'.repeat(513) });
      expect(step).toMatchObject({ kind: 'refusal', view: { code: 'invalid_request' } });
    });

    it('is for the userinfo of this very issuer, whatever others left in the same database', async () => {
      const elsewhere = userinfoResource('https://before.example');
      const [own, ...others] = [...core.database.resources];
      core.database.resources.clear();
      for (const [identifier, each] of [[elsewhere.identifier, elsewhere] as const, own!, ...others])
        core.database.resources.set(identifier, each);
      expect(await location(plain)).toMatchObject({ view: { resource: { identifier: USERINFO.identifier } } });
    });

    it('finds no userinfo where an operator has disabled it', async () => {
      core.database.disableResource(USERINFO.identifier, core.clock.now());
      expect(await location(plain)).toMatchObject({ kind: 'refusal', view: { code: 'invalid_target' } });
      expect(await location(mixed)).toMatchObject({ kind: 'refusal', view: { code: 'invalid_scope' } });
      expect(await location({ scope: 'invoices:read' })).toMatchObject({ kind: 'consent' });
    });

    it('of a client that acts for itself gets no identity', async () => {
      const secret = 'ghs_of-the-robot';
      const robot = core.client({
        origin: 'pre-registered',
        redirectUris: [],
        grantTypes: ['client_credentials'],
        authMethod: 'client_secret_post',
        secrets: [{ hash: core.secrets.hash(secret) }],
        scopes: ['invoices:read', 'openid'],
      });
      const ask = (more: Change) =>
        core.token.handle({
          parameters: form({ grant_type: 'client_credentials', client_id: robot.id, client_secret: secret, ...more }),
        });
      const tokens = await ask({ resource: resource.identifier, scope: 'invoices:read openid' });
      expect(tokens).toMatchObject({ scope: 'invoices:read' });
      expect(tokens).not.toHaveProperty('id_token');
      expect(await refusal(ask({ scope: 'openid' }))).toEqual(['invalid_scope', 'unknown_scope']);
      expect(await refusal(ask({ resource: USERINFO.identifier }))).toEqual(['invalid_target', 'no_person']);
    });
  });

  describe('userinfo', () => {
    it('always says who, and the rest as far as it was agreed to', async () => {
      expect(await whoIs(await tokensFor(plain))).toEqual({
        sub: person.accountId,
        name: PROFILE.displayName,
        preferred_username: PROFILE.username,
        email: PROFILE.email.address,
        email_verified: true,
      });
      expect(await whoIs(await tokensFor(plain, ['openid']))).toEqual({ sub: person.accountId });
      expect(await whoIs(await tokensFor(plain, ['email']))).toMatchObject({ email_verified: true });
    });

    it('tells of the person as she is now, and leaves an address out that it does not know', async () => {
      const tokens = await tokensFor(plain);
      const { email: _, ...rest } = PROFILE;
      core.database.accounts.set(person.accountId, {
        disabled: false,
        profile: { ...rest, displayName: 'Anna Meier' },
      });
      const told = await whoIs(tokens);
      expect(told.name).toBe('Anna Meier');
      expect(told).not.toHaveProperty('email_verified');
    });

    it('refuses the token of a resource, whatever else was agreed to with it', async () => {
      expect(await refusal(whoIs(await tokensFor(mixed)))).toEqual(['invalid_token', 'wrong_audience']);
    });

    it('refuses a token at once when it was revoked or its person disabled', async () => {
      const revoked = await tokensFor(plain);
      await core.revocation.revoke({ parameters: form({ client_id: client.id, token: revoked.refresh_token }) });
      expect(await refusal(whoIs(revoked))).toEqual(['invalid_token', 'authorization_revoked']);
      const disabled = await tokensFor(plain);
      core.database.disableAccount(person.accountId);
      expect(await refusal(whoIs(disabled))).toEqual(['invalid_token', 'disabled_account']);
    });

    it('costs one store call', async () => {
      const tokens = await tokensFor(plain);
      const { verbs } = core.database;
      await whoIs(tokens);
      expect(core.database.verbs - verbs).toBe(1);
    });
  });
});
