/**
 * JSON from the issuer. Its address comes from configuration or from its own metadata, never from a request, so there is
 * nothing to guess about private addresses; but it may be slow, wrong or huge, and a redirect would leave it.
 */
const TIMEOUT_MS = 3000;
const MAX_BYTES = 256 * 1024;

interface JsonRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function fetchJson(url: string, init: JsonRequest = {}): Promise<unknown> {
  const response = await fetch(url, {
    ...init,
    headers: { accept: 'application/json', ...init.headers },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await boundedText(response);
  if (response.status !== 200) throw new Error(`the issuer answered ${response.status}`);
  return JSON.parse(text) as unknown;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).byteLength;
    if (size > MAX_BYTES) throw new Error('the issuer’s answer is too long');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}
