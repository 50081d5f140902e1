export { MemoryKeySetSource, StoppedClock, StubLiveness } from './fakes.js';
export { TestIssuer, type TokenParts } from './test-issuer.js';
