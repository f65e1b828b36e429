// A project that is published, its counters first, for the tests of this folder.
import type { Exposition } from '../../src/exposition/exposition.ts';
import type { PublishedProject } from '../../src/exposition/published-project.ts';

export async function added(
  exposition: Exposition,
  ...project: Parameters<Exposition['openProject']>
): Promise<PublishedProject> {
  const opened = await exposition.openProject(...project);
  opened.add();
  return opened;
}
