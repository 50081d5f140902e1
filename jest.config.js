/** One run over all projects. What concerns the run as a whole must stand here: Jest ignores it in a project's file. */
export default {
  projects: ['<rootDir>/apps/*/jest.config.js', '<rootDir>/libs/*/jest.config.js', '<rootDir>/tools/jest.config.js'],
  // On two cores Jest would run everything in one process, whose memory grows with every file.
  maxWorkers: 2,
  workerIdleMemoryLimit: '700MB',
  // A busy machine is no reason to fail; what must be fast is measured elsewhere.
  testTimeout: 30_000,
};
