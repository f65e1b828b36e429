// Writes the past week of the demonstration as OpenMetrics files for `promtool tsdb create-blocks-from openmetrics`,
// a file for each two hours, as Prometheus makes its blocks: `node write-history.ts FOLDER`. Writes them once: where
// they have been written, and imported since, it does nothing.
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load-settings.ts';
import { WatchedFiles } from '../../src/lib/watched-file.ts';
import { roomLabels } from '../../src/core/room-labels.ts';
import { demoProjects } from '../../src/simulator/demo-projects.ts';
import { history, type PastScrape } from './history.ts';

const weekSeconds = 7 * 86_400;
const blockSeconds = 7200;

void main(process.argv[2] ?? '.');

async function main(folder: string): Promise<void> {
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return;
  const incomplete = join(folder, 'incomplete');
  rmSync(incomplete, { recursive: true, force: true });
  mkdirSync(incomplete);
  writeFiles(await pastWeek(), incomplete);
  renameSync(incomplete, complete);
}

/** As the command `demo` would have published it. */
async function pastWeek(): Promise<Iterable<PastScrape>> {
  const { simulator, projectDefaults } = await loadSettings({
    command: 'demo',
    flags: new Map(),
    environment: process.env,
    files: new WatchedFiles(),
  });
  const { poll, rooms, details } = projectDefaults;
  const now = Math.floor(Date.now() / 1000);
  return history(
    demoProjects({ ...simulator, now }),
    { window: poll.window, rooms, details: details.enabled, labelRoom: roomLabels(rooms) },
    { from: now - weekSeconds, until: now },
  );
}

function writeFiles(scrapes: Iterable<PastScrape>, folder: string): void {
  let block: number | undefined;
  let file: number | undefined;
  const end = (): void => {
    if (file === undefined) return;
    writeSync(file, '# EOF\n');
    closeSync(file);
  };
  for (const { time, lines } of scrapes) {
    const start = Math.floor(time / blockSeconds) * blockSeconds;
    if (file === undefined || start !== block) {
      end();
      block = start;
      file = openSync(join(folder, `${String(start)}.om`), 'w');
    }
    writeSync(file, lines);
  }
  end();
}
