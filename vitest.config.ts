import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{test,tools}/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    // End-to-end tests wait for other processes more than they compute: four at a time keep two cores busy.
    maxWorkers: 4,
    // Far longer than anything takes on a machine that is busy; only a test that hangs waits so long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default', 'json'],
    outputFile: { json: '.build/tests.json' },
  },
});
