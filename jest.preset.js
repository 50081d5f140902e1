import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));

/** unit: rules and wiring, nothing outside the process. pg: stores on a real PostgreSQL. e2e: the running stack over HTTP. */
const kinds = {
  unit: { testMatch: ['<rootDir>/src/**/*.spec.{ts,tsx}'], testPathIgnorePatterns: ['\\.pg\\.spec\\.ts$'] },
  pg: { testMatch: ['<rootDir>/src/**/*.pg.spec.ts'] },
  e2e: { testMatch: ['<rootDir>/src/**/*.e2e-spec.ts'] },
};

const swc = (tsx) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true, tsx },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: false,
        react: { runtime: 'automatic', importSource: 'preact' },
      },
      keepClassNames: true,
    },
    module: { type: 'es6' },
  },
];

/** Shared Jest settings, native ES modules. A project's jest.config.js spreads them and sets displayName. */
export default {
  testEnvironment: 'node',
  ...kinds[process.env.JEST_KIND ?? 'unit'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    // The aliases of tsconfig.base.json.
    '^@gatehouse/([^/]+)/testing$': `${root}libs/$1/src/testing/index.ts`,
    '^@gatehouse/([^/]+)$': `${root}libs/$1/src/index.ts`,
    // Imports are written with .js, as Node.js wants them; the source is .ts or .tsx.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.ts$': swc(false),
    '\\.tsx$': swc(true),
  },
  setupFilesAfterEnv: [`${root}jest.setup.js`],
  coverageProvider: 'v8',
  testTimeout: 30_000,
  clearMocks: true,
};
