/** Exit code 0 when the application in this container is ready. */
import { readFileSync } from 'node:fs';
import { get } from 'node:https';

const [url = '', host] = process.argv.slice(2);
const request = get(
  url,
  { ca: readFileSync('/run/trust/ca.pem'), timeout: 3000, headers: host ? { host } : {} },
  (answer) => {
    process.exit(answer.statusCode === 200 ? 0 : 1);
  },
);
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
