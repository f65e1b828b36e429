// Reads the configuration again and puts it into use, one reload after the other. What cannot be used changes nothing.
import { ConfigurationError } from '../config/mistakes.ts';
import type { Settings } from '../config/settings.ts';
import type { Exporter } from './exporter.ts';
import type { Program } from '../commands/program.ts';

export interface ReloadOptions extends Pick<Program, 'log' | 'loadSettings'> {
  readonly exporter: Exporter;
  /** The projects that these settings are about. */
  readonly projectsOf: (settings: Settings) => Settings['projects'];
  /** What the program was started with. */
  readonly started: Pick<Settings, 'state'>;
}

/** Resolves to what is wrong with the configuration, nothing when it is in use now. Never rejected. */
export function createReload(options: ReloadOptions): () => Promise<readonly string[]> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const reload = last.then(() => reloadOnce(options));
    last = reload;
    return reload;
  };
}

async function reloadOnce({
  loadSettings,
  exporter,
  projectsOf,
  started,
  log,
}: ReloadOptions): Promise<readonly string[]> {
  try {
    const settings = await loadSettings();
    const changes = await exporter.configure(projectsOf(settings));
    log.info('Configuration reloaded', { ...changes });
    if (settings.state.dir !== started.state.dir)
      log.warn('Another state.dir is used only after a restart', { in_use: started.state.dir || 'none' });
    return [];
  } catch (error) {
    exporter.selfMetrics.configurationRead(false);
    const problems =
      error instanceof ConfigurationError ? error.problems : [`a defect, please report it: ${String(error)}`];
    for (const err of problems) log.error('Reload failed: the configuration before stays in use', { err });
    return problems;
  }
}
