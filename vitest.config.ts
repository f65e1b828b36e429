import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start other programs. They wait for these more than they compute. */
const endToEnd = 'test/{end-to-end,rules,deploy,grafana,promql,docs}/**/*.test.ts';

/** What takes a minute or more starts first: at the end one of the processors would wait for it. */
const longest = /test\/(end-to-end\/(replicas|history|doctor|web-config|dashboards|accuracy)|rules\/rules)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// Timeouts are far longer than anything takes on a machine that is busy; only a test that hangs waits so long.
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'end to end', include: [endToEnd], testTimeout: 240_000, hookTimeout: 240_000 },
      },
      {
        test: {
          name: 'units',
          include: ['{test,tools}/**/*.test.ts'],
          exclude: [endToEnd],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    globalSetup: 'test/build.ts',
    // More than there are processors, because of those that wait.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', 'json'],
    outputFile: { json: '.build/tests.json' },
  },
});
