import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'auth-server-e2e' };
