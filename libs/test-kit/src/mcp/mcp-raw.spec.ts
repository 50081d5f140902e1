import { describe, expect, it } from '@jest/globals';
import { Answer } from '../http.js';
import { rpcOf } from './mcp-raw.js';

describe('rpcOf', () => {
  const answer = (type: string, text: string): Answer => new Answer('http://h/', 200, { 'content-type': type }, text);

  it('reads a message that came as JSON', () => {
    expect(rpcOf(answer('application/json', '{"jsonrpc":"2.0","id":1,"result":{}}')).result).toEqual({});
  });

  it('reads the last message of an event stream', () => {
    const stream =
      'event: message\ndata: {"id":0}\n\n: ping\n\ndata: {"jsonrpc":"2.0",\ndata: "id":1,"result":{"a":1}}\n\n';
    expect(rpcOf(answer('text/event-stream; charset=utf-8', stream)).result).toEqual({ a: 1 });
  });
});
