import preset from '../jest.preset.js';

export default {
  ...preset,
  displayName: 'tools',
  testMatch: process.env.JEST_KIND ? ['<rootDir>/no-such-kind'] : ['<rootDir>/**/*.spec.ts'],
};
