// The board to look at first: what runs now, how it moved, which rooms are busy, what is wrong.
import { board, uids } from '../parts/board.ts';
import { projects } from '../parts/variables.ts';
import { graphs } from './graphs.ts';
import { now } from './now.ts';
import { tables } from './tables.ts';

export const overview = board({
  uid: uids.overview,
  title: 'LiveKit Cloud / Overview',
  description: 'What runs now in all projects, how it moved, which rooms are busy and what is wrong.',
  from: 'now-6h',
  refresh: '30s',
  timezone: 'browser',
  variables: [projects()],
  panels: [...now, ...tables, ...graphs],
});
