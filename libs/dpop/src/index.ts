export { DpopProblem, type DpopReason } from './dpop-problem.js';
export { DpopNonces } from './nonces.js';
export { DPOP_WINDOW, type DpopProof, type DpopRequest, verifyDpopProof } from './proof.js';
export { DPOP_ALGORITHMS, isThumbprint, type ProofKey, thumbprint } from './proof-key.js';
