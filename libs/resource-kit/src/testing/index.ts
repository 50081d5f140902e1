export { sampleResources, signals } from './sample-resources.js';
export { StubIssuer } from './stub-issuer.js';
export { startTestServer, type TestServer } from './test-server.js';
