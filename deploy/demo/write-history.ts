// Writes the past week of the demonstration, as the command `history` does that of a real project, for `promtool tsdb
// create-blocks-from openmetrics`: `node write-history.ts FOLDER [STEP]`. Writes it once: where it was written, and imported
// since, it does nothing.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { planOf } from '../../src/config/plans.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import type { SessionDetails } from '../../src/core/session-details.ts';
import { ledgerRules } from '../../src/exporter/project-parts.ts';
import { writeHistory } from '../../src/history/write-history.ts';
import { finished } from '../../src/core/steps.ts';
import { watchFiles } from '../../src/lib/watched-file.ts';
import { decodeDetails } from '../../src/livekit/wire/session-details-decoder.ts';
import { demoProjects, earliestListed } from '../../src/simulator/cloud.ts';
import { sessionDetails } from '../../src/simulator/session-answers.ts';

/** What Prometheus adds to the series it scrapes of the exporter in this stack: see deploy/prometheus/prometheus.yml. */
const target = { job: 'livekit-cloud', instance: 'exporter:17880' };

/** Seconds: as fine as boards of a week need it, so that the files stay small. */
const defaultStep = 120;

const [folder = '.', step = defaultStep] = process.argv.slice(2);
void main(folder, Number(step));

async function main(folder: string, step: number): Promise<void> {
  const complete = join(folder, 'complete');
  if (existsSync(complete)) return;
  const incomplete = join(folder, 'incomplete');
  rmSync(incomplete, { recursive: true, force: true });
  mkdirSync(incomplete);
  await writePastWeek(incomplete, step);
  renameSync(incomplete, complete);
}

/** As the command `demo` would have published it. */
async function writePastWeek(folder: string, step: number): Promise<void> {
  const { simulator, projectDefaults } = await loadSettings({
    command: 'demo',
    flags: new Map(),
    environment: process.env,
    files: watchFiles(),
  });
  const until = Math.floor(Date.now() / 1000);
  const from = earliestListed(until);
  const projects = demoProjects({ ...simulator, now: until }).map(({ name, cloud }) => {
    cloud.advanceTo(until);
    const sessions = cloud.sessions.filter(({ startsAt }) => startsAt >= from && startsAt <= until);
    const rows = sessions.map((session) => session.readAt(until));
    const details = (sessionId: string): SessionDetails | undefined => {
      const session = cloud.session(sessionId);
      return session && finished(decodeDetails(sessionDetails(session, until), until)).details;
    };
    return { name, rows, details, rules: ledgerRules(projectDefaults), plan: planOf(projectDefaults.plan) };
  });
  await writeHistory({ projects, span: { from, until, step }, folder, target });
}
