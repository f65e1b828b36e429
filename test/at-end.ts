// When what tests have started ends: by default with the test, else with all tests that share it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

export type AtEnd = (end: () => Promise<void> | void) => void;

/** After all tests of the file, or of the `describe` that calls it: what began last ends first. */
export function afterAllTests(): AtEnd {
  const ends: Parameters<AtEnd>[0][] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return (end) => void ends.unshift(end);
}

export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'livekit-cloud-exporter-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
