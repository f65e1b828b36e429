// A project that is published, its counters first, for the tests of this folder.
import type { Exposition, ProjectExposition } from '../../src/exposition/exposition.ts';

export async function added(
  exposition: Exposition,
  ...project: Parameters<Exposition['openProject']>
): Promise<ProjectExposition> {
  const opened = await exposition.openProject(...project);
  opened.add();
  return opened;
}
