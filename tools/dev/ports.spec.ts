import { afterEach, describe, expect, it } from '@jest/globals';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { freePorts, portFromEnvironment, refuseTakenPorts } from './ports.ts';

const VARIABLE = 'GATEHOUSE_SPEC_PORT';

describe('ports', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server = undefined;
    Reflect.deleteProperty(process.env, VARIABLE);
  });

  it('names a taken port and the variable that chooses another', async () => {
    const taken = await new Promise<number>((resolve) => {
      server = createServer().listen(0, '127.0.0.1', function (this: Server) {
        resolve((this.address() as AddressInfo).port);
      });
    });
    await expect(refuseTakenPorts([{ variable: VARIABLE, port: taken, what: 'the spec' }])).rejects.toThrow(
      new RegExp(`^Port ${String(taken)} for the spec is taken\\. .*${VARIABLE}=`),
    );
  });

  it('lets free ports be, and refuses one port for two purposes', async () => {
    const [one = 0, two = 0] = await freePorts(2);
    expect(one).not.toBe(two);
    const first = { variable: 'A_PORT', port: one, what: 'a' };
    await expect(refuseTakenPorts([first, { variable: 'B_PORT', port: two, what: 'b' }])).resolves.toBeUndefined();
    await expect(refuseTakenPorts([first, { variable: 'B_PORT', port: one, what: 'b' }])).rejects.toThrow(
      'must differ',
    );
  });

  it.each(['0', '65536', 'abc', '4000.5', '-1'])('refuses %s as a port', (text) => {
    process.env[VARIABLE] = text;
    expect(() => portFromEnvironment(VARIABLE, 4000)).toThrow(VARIABLE);
  });

  it('takes the port of the environment, or the usual one', () => {
    expect(portFromEnvironment(VARIABLE, 4000)).toBe(4000);
    process.env[VARIABLE] = ' 4321 ';
    expect(portFromEnvironment(VARIABLE, 4000)).toBe(4321);
  });
});
