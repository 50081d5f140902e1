export { testProofKey, type TestProofKey } from './test-proof-key.js';
