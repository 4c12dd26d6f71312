// Jest on type-stripped ES modules; PostgreSQL and the page are real, see test/support/global-setup.ts.

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/bench/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip.cjs' },
  transformIgnorePatterns: ['/node_modules/'],
  // Two copies of Yjs in one process do not know each other's types; a test proves that there is one.
  moduleNameMapper: { '^yjs$': '<rootDir>/node_modules/yjs/dist/yjs.mjs' },
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/support/count-reporter.cjs'],
  testTimeout: 90_000,
  maxWorkers: 2,
};
