import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that start other programs. They wait for these more than they compute. */
const endToEnd = 'test/{end-to-end,rules,deploy,grafana,promql,docs}/**/*.test.ts';

/** Tests in which nock answers requests: it takes a module for all of them away, so each file has its own. */
const answeredByNock =
  'test/livekit/{client/{api-client,secrecy},list/{analytics-source,analytics-source.http,details-source},live/live-source}.test.ts';

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
        test: {
          name: 'end to end',
          include: [endToEnd],
          isolate: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'units',
          include: ['{test,tools}/**/*.test.ts'],
          exclude: [endToEnd, answeredByNock],
          // Modules are loaded once for all files of a worker: half of the processor time. None of ours has a state.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'answered by nock',
          include: [answeredByNock],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
    globalSetup: 'test/build.ts',
    // More than there are processors: with eight, those that wait leave none of two idle.
    maxWorkers: 8,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', 'json'],
    outputFile: { json: '.build/tests.json' },
  },
});
