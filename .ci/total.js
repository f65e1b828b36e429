/**
 * Sums up the reports (vitest's, as JSON) in the folder that is its argument: each failed test with what it said, where
 * the end of a long output shows it, then the totals in one line. Ends with status 1 when a test failed or none passed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Lines of a failure that are shown here; the rest stands further up, where it happened. */
const linesOfFailure = 6;

const folder = process.argv[2];
let passed = 0;
const failures = [];
for (const report of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const run = JSON.parse(readFileSync(join(folder, report), 'utf8'));
  passed += run.numPassedTests;
  for (const file of run.testResults.filter(({ status }) => status === 'failed')) {
    const where = `${report.slice(0, -'.json'.length)}: ${relative('', file.name)}`;
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    failures.push(
      ...failed.map((test) => `${where}: ${test.fullName}\n${said(test.failureMessages.join('\n'))}`),
    );
    // A file that could not be loaded, or whose hooks failed, has no test that failed.
    if (failed.length === 0) failures.push(`${where}\n${said(file.message)}`);
  }
}
for (const failure of failures) console.log(`FAILED on ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = passed > 0 && failures.length === 0 ? 0 : 1;

function said(message) {
  return message
    .split('\n')
    .slice(0, linesOfFailure)
    .map((line) => `  ${line}`)
    .join('\n');
}
