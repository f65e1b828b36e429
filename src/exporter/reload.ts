// Reads the configuration again and puts it into use, one reload after the other. What cannot be used changes nothing.
import pLimit from 'p-limit';
import { ConfigurationError } from '../config/mistakes.ts';
import { isSameCredential, type Settings } from '../config/settings.ts';
import { StateError } from '../state/state-store.ts';
import type { Exporter } from './exporter.ts';
import type { Program } from '../commands/program.ts';

export interface ReloadOptions extends Pick<Program, 'log' | 'loadSettings'> {
  readonly exporter: Exporter;
  /** The projects that these settings are about. */
  readonly projectsOf: (settings: Settings) => Settings['projects'];
  /** Called with what is in use from now on. */
  readonly reloaded: (settings: Settings) => void;
  /** What the program was started with. */
  readonly started: Pick<Settings, 'state'>;
}

/** Resolves to what is wrong with the configuration, nothing when it is in use now. Never rejected. */
export function createReload(options: ReloadOptions): () => Promise<readonly string[]> {
  const { loadSettings, exporter, projectsOf, reloaded, started, log } = options;
  const reload = async (): Promise<readonly string[]> => {
    try {
      const settings = await loadSettings();
      const changes = await exporter.configure(projectsOf(settings));
      reloaded(settings);
      log.info('Configuration reloaded', { ...changes });
      if (settings.state.dir !== started.state.dir)
        log.warn('state.dir has changed: it takes effect only after a restart', {
          in_use: started.state.dir || 'none',
        });
      if (!isSameCredential(settings.state.redis, started.state.redis))
        log.warn('state.redis_url has changed: it takes effect only after a restart');
      return [];
    } catch (error) {
      exporter.selfMetrics.configurationRead(false);
      const problems = problemsOf(error);
      for (const err of problems)
        log.error('Reload failed: the previous configuration stays in use', { err });
      return problems;
    }
  };
  const inTurn = pLimit(1);
  return () => inTurn(reload);
}

function problemsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigurationError) return error.problems;
  if (error instanceof StateError) return [error.message];
  return [`a defect, please report it: ${String(error)}`];
}
