import preset from '../../jest.preset.js';

export default { ...preset, displayName: 'resource-server-e2e' };
