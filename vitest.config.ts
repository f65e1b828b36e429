import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{test,tools}/**/*.test.ts'],
    globalSetup: 'test/build.ts',
    // End-to-end tests start real processes; two at a time is what a small machine carries.
    maxWorkers: 2,
    // Far longer than anything takes on a machine that is busy; only a test that hangs waits so long.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default', 'json'],
    outputFile: { json: '.build/tests.json' },
  },
});
