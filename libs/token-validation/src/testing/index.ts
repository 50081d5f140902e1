export { MemoryKeySetSource, StoppedClock, StubLiveness } from './fakes.js';
export { usedProofsContract } from './used-proofs.contract.js';
export { TestIssuer, type TokenParts } from './test-issuer.js';
