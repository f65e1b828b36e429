// The exporters themselves: do they poll, why not, what do they ask of LiveKit, do they push, what do they need.
import { board, uids } from '../parts/board.ts';
import { projects } from '../parts/variables.ts';
import { details } from './details.ts';
import { now } from './now.ts';
import { polling } from './polling.ts';
import { processes } from './process.ts';
import { pushes } from './pushes.ts';
import { sources } from './sources.ts';

export const exporter = board({
  uid: uids.exporter,
  title: 'LiveKit Cloud / Exporter',
  description:
    'Whether the exporters poll, read session details and push, why not, how the two sources differ, what they ask of LiveKit and what they need themselves.',
  from: 'now-6h',
  refresh: '30s',
  timezone: 'browser',
  variables: [projects()],
  panels: [...now, ...polling, ...sources, ...details, ...pushes, ...processes],
});
