import { describe, expect, it } from '@jest/globals';
import { isBelow, partsOf } from './distinguished-name.js';

describe('distinguished names', () => {
  it('are read with their escapes', () => {
    expect(partsOf('CN=Payroll\\, Berlin,OU=Groups,DC=corp')?.[0]).toEqual(['cn', 'Payroll, Berlin']);
    expect(partsOf('cn=a\\2Cou=b, dc=x')).toEqual([
      ['cn', 'a,ou=b'],
      ['dc', 'x'],
    ]);
    expect(partsOf('CN=J\\C3\\B6rg Ä,DC=x')?.[0]).toEqual(['cn', 'Jörg Ä']);
  });

  it.each(['', 'admins', 'cn=a+cn=b,dc=x', 'cn=#0403,dc=x', 'cn=,dc=x', 'cn=a,,dc=x', 'cn=a\\', 'cn=\\ff,dc=x'])(
    'are not guessed at: %j',
    (dn) => {
      expect(partsOf(dn)).toBeUndefined();
    },
  );

  it('are below a base by their parts, not by their letters', () => {
    expect(isBelow('CN=a, OU=Groups, DC=corp', 'ou=groups,dc=corp')).toBe(true);
    for (const dn of [
      'ou=groups,dc=corp',
      'cn=a,ou=clubs,dc=corp',
      'cn=a\\,ou=groups\\,dc=corp',
      'cn=a\\,ou=groups,dc=corp',
      'cn=a,ou=mygroups,dc=corp',
      'cn=a,ou=groups,dc=corp,dc=evil',
    ])
      expect(isBelow(dn, 'ou=groups,dc=corp')).toBe(false);
  });
});
