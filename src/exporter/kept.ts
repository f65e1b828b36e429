// What is kept of one project: what its session list has come to, and what its live source has counted.
import type { ProjectSettings } from '../config/settings.ts';
import type { ExporterState, KeptEgresses, KeptProject } from './exporter-state.ts';

/** What survives a restart. */
export interface Kept {
  readonly project: KeptProject;
  readonly egresses: KeptEgresses;
}

export async function openKept(state: ExporterState, settings: ProjectSettings): Promise<Kept> {
  const project = await state.open(settings);
  try {
    return { project, egresses: await state.openLive(settings) };
  } catch (error) {
    await state.closeProject(project);
    throw error;
  }
}

export async function closeKept(state: ExporterState | undefined, kept: Kept | undefined): Promise<void> {
  if (!kept) return;
  await Promise.all([state?.closeProject(kept.project), state?.closeProject(kept.egresses)]);
}
