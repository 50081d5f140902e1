import { describe, expect, it } from '@jest/globals';
import { TOKEN_EXCHANGE_GRANT } from '../clients/client.js';
import { clientDeclaration, declaredClient } from '../pre-registration/client-declaration.js';
import { resultingClient } from '../registration/resulting-client.js';

const FROM = 'https://rs.example/invoices/mcp';
const TO = 'https://rs.example/expenses/mcp';
const RULE = { from: FROM, to: TO, scopes: { 'expenses:read': 'invoices:read' } };

const declare = (change: object = {}) =>
  clientDeclaration.safeParse({
    client_id: 'gateway',
    client_name: 'Gateway',
    grant_types: [TOKEN_EXCHANGE_GRANT],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'https://gateway.example/jwks.json',
    exchanges: [RULE],
    ...change,
  });
const problems = (change: object) => {
  const { error } = declare(change);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
};

describe('the exchanges of a declaration', () => {
  it('are the rules of the client, as they were written', () => {
    const { data } = declare({
      exchanges: [RULE, { ...RULE, to: FROM, scopes: { a: 'a' }, accepts_bound_tokens: true }],
    });
    expect(declaredClient(data!, [])).toMatchObject({
      grantTypes: [TOKEN_EXCHANGE_GRANT],
      exchanges: [RULE, { from: FROM, to: FROM, scopes: { a: 'a' }, acceptsBoundTokens: true }],
    });
  });

  it('come with the grant, and the grant with them', () => {
    expect(problems({ exchanges: undefined })).toEqual(['exchanges: are needed for token exchange: it has no default']);
    expect(problems({ exchanges: [] })).not.toEqual([]);
    expect(problems({ grant_types: ['client_credentials'], scopes: ['a'] })).toEqual([
      'exchanges: are of no use without the grant of token exchange',
    ]);
  });

  it('belong to no public client, whose name anybody could use', () => {
    expect(problems({ token_endpoint_auth_method: 'none', jwks_uri: undefined })).toEqual([
      'token_endpoint_auth_method: a client that exchanges tokens must authenticate',
    ]);
  });

  it('widen nothing at one resource: a scope warrants itself there', () => {
    const widening = { from: FROM, to: FROM, scopes: { 'invoices:refund': 'invoices:read' } };
    expect(problems({ exchanges: [widening] })).toEqual([
      'exchanges.0.scopes: at the same resource a scope can only warrant itself',
    ]);
  });

  it.each([
    [{ ...RULE, from: 'invoices' }],
    [{ ...RULE, to: `${TO}#x` }],
    [{ ...RULE, to: '*' }],
    [{ ...RULE, scopes: {} }],
    [{ ...RULE, scopes: { 'two scopes': 'a' } }],
    [{ ...RULE, scopes: { a: '' } }],
    [{ ...RULE, scopes: ['a'] }],
    [{ ...RULE, scopes: '*' }],
    [{ ...RULE, audience: TO }],
    [{ from: FROM, scopes: RULE.scopes }],
    [RULE, RULE],
  ])('are refused when they could mean something else: %j', (...exchanges) => {
    expect(problems({ exchanges })).not.toEqual([]);
  });

  it('are nothing that a client can give itself by registering', () => {
    const metadata = {
      redirect_uris: ['https://a.example/cb'],
      grant_types: [TOKEN_EXCHANGE_GRANT, 'authorization_code'],
    };
    const client = resultingClient(
      { ...metadata, exchanges: [RULE] },
      { redirectSchemes: [], deviceAuthorization: true },
    );
    expect(client.grantTypes).toEqual(['authorization_code']);
    expect(client).not.toHaveProperty('exchanges');
  });
});
