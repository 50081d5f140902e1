import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { boundaries } from './tools/checks/boundaries.js';

const code = ['apps/**/*.ts', 'apps/**/*.tsx', 'libs/**/*.ts', 'libs/**/*.tsx'];
const specs = [
  '**/*.spec.ts',
  '**/*.spec.tsx',
  '**/*.e2e-spec.ts',
  '**/*.contract.ts',
  '**/src/testing/**/*.ts',
  'apps/*-e2e/**/*.ts',
  'libs/test-kit/**/*.ts',
];

const productionOnly = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Read the environment in apps/*/src/config.ts only.',
  },
];
const coreOnly = [
  ...productionOnly,
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Time comes in through the Clock port.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Time comes in through the Clock port.',
  },
];

export default defineConfig([
  globalIgnores(['dist', '**/node_modules', '.nx', 'tmp', 'coverage', '.gatehouse', 'tools/generators/*/files']),
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    // One program for the whole workspace: one a project costs several times the time and 4 GB.
    languageOptions: {
      parserOptions: { project: ['tsconfig.json', 'tools/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Nest modules are empty classes with a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An underscore says that the name is there only to leave something out.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: code,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ test: false })],
      'no-restricted-syntax': ['error', ...productionOnly],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@gatehouse/*/testing', '**/testing/*'], message: 'Fakes and contracts are for specs.' },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/{authorization-server,token-validation,identity,protocol,scopes,metadata,audit,dpop}/src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...coreOnly] },
  },
  {
    files: ['apps/*/src/config.ts', 'apps/*-e2e/**/*.ts', 'libs/test-kit/**/*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: specs,
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ test: true })],
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier,
]);
