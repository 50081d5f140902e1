import preset from '../jest.preset.js';

const unit = (process.env.JEST_KIND ?? 'unit') === 'unit';

export default {
  ...preset,
  displayName: 'tools',
  testMatch: unit ? ['<rootDir>/**/*.spec.ts'] : ['<rootDir>/no-such-kind'],
};
