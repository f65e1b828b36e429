// How a project is, in one word, and how that word is shown.
import { badge } from './badge.ts';
import type { Html } from './html.ts';
import { durationInWords } from './quantities.ts';
import type { ProjectStatus } from './status.ts';

/** `starting` before the first poll, `listing` while it runs, then whether the last poll was complete. */
export type ProjectState = 'down' | 'starting' | 'listing' | 'up';

/** Who needs somebody comes first. */
export const statesByUrgency: readonly ProjectState[] = ['down', 'starting', 'listing', 'up'];

export function projectState({ pollsFinished, progress, failure }: ProjectStatus): ProjectState {
  if (failure) return 'down';
  if (pollsFinished > 0) return 'up';
  return progress ? 'listing' : 'starting';
}

const words: Readonly<Record<ProjectState, string>> = {
  down: 'Down',
  starting: 'Starting',
  listing: 'Listing for the first time',
  up: 'Up',
};

/** "Down for 3 min", "Up". */
export function stateInWords(project: ProjectStatus, now?: number): string {
  const word = words[projectState(project)];
  if (!project.failure || now === undefined) return word;
  return `${word} for ${durationInWords(Math.max(0, Math.round(now - project.failure.since)))}`;
}

/** The state as a badge; for how long, where that matters. */
export function stateBadge(project: ProjectStatus, now: number): Html {
  return badge(projectState(project), stateInWords(project, now));
}

/** "2 of 3 projects up, 1 down": the whole state in one line. */
export function summary(projects: readonly ProjectStatus[]): string {
  const states = projects.map(projectState);
  const number = (wanted: ProjectState) => states.filter((state) => state === wanted).length;
  const total = states.length === 1 ? '1 project' : `${states.length} projects`;
  const rest = statesByUrgency.filter((state) => state !== 'up' && number(state) > 0);
  return [`${number('up')} of ${total} up`, ...rest.map((state) => `${number(state)} ${state}`)].join(', ');
}
