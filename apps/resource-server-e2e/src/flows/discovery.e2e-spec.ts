import { describe, expect, it } from '@jest/globals';
import { ask, readChallenge } from '@gatehouse/test-kit';
import { authorizationServerMetadataUrls, protectedResourceMetadataUrl } from '@gatehouse/metadata';
import { expenses, expensesUrl, invoices, invoicesUrl, issuerUrl, origin } from './tools.js';

describe('a client that knows only the URL of the MCP server', () => {
  it.each([
    ['invoices', invoices, invoicesUrl, 'invoices:read'],
    ['expenses', expenses, expensesUrl, 'expenses:read'],
  ])(
    'RS-01, RS-02, RS-04, RS-09: finds its way from a refused request to the issuer of %s',
    async (_, mcp, url, scope) => {
      const refused = await mcp.modern('server/discover');
      expect(refused.status).toBe(401);
      const { parameters } = readChallenge(refused.header('www-authenticate'));
      expect(parameters).toEqual({ scope, resource_metadata: protectedResourceMetadataUrl(url) });
      const metadata = (await ask(parameters['resource_metadata'] ?? '')).json();
      expect(metadata).toMatchObject({ resource: url, authorization_servers: [issuerUrl], scopes_supported: [scope] });
      const [well = ''] = authorizationServerMetadataUrls(issuerUrl);
      expect((await ask(well)).json<object>()).toMatchObject({ issuer: issuerUrl });
    },
  );

  it('RS-03: finds nothing where the document must not be', async () => {
    for (const url of [
      `${invoicesUrl}/.well-known/oauth-protected-resource`,
      `${origin}/.well-known/oauth-protected-resource`,
      `${origin}/.well-known/oauth-protected-resource/other/mcp`,
    ])
      expect((await ask(url)).status).toBe(404);
  });

  it('RS-08, RS-31: may be a page in a browser, as far as reading goes', async () => {
    const metadata = await ask(protectedResourceMetadataUrl(invoicesUrl), {
      headers: { origin: 'https://page.example' },
    });
    expect(metadata.header('access-control-allow-origin')).toBe('*');
    const challenge = await invoices.modern('tools/list', { headers: { origin } });
    expect([challenge.status, challenge.header('access-control-allow-origin')]).toEqual([401, origin]);
    expect(challenge.header('access-control-expose-headers')).toContain('WWW-Authenticate');
  });
});
