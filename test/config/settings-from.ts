// Loads settings from a command line, variables and files that exist in the test alone.
import { parseCommandLine } from '../../src/config/command-line.ts';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { watchFiles, type WatchedFiles } from '../../src/lib/watched-file.ts';
import type { Settings } from '../../src/config/settings.ts';

export interface Given {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** By path; a value that is not text is the code of the error that reading fails with. */
  readonly files?: Readonly<Record<string, string | { code: string }>>;
}

/** The environment of one project. */
export const oneProject = {
  LIVEKIT_PROJECT_ID: 'p_1',
  LIVEKIT_API_KEY: 'fake-key',
  LIVEKIT_API_SECRET: 'fake-secret',
};

/** The lines of a file with one project, to which more lines can be added. */
export const projectFile = [
  'projects:',
  '  - name: production',
  '    id: p_1',
  '    api_key: fake-key',
  '    api_secret: fake-secret',
  '',
].join('\n');

export async function settingsFrom({ argv = [], environment = {}, files = {} }: Given): Promise<Settings> {
  const { command, flags, problems } = parseCommandLine(argv);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return loadSettings({ command, flags, environment, files: filesOf(files) });
}

function filesOf(files: NonNullable<Given['files']>): WatchedFiles {
  return watchFiles((path) => {
    const content = files[path] ?? { code: 'ENOENT' };
    if (typeof content === 'string') return Promise.resolve(content);
    return Promise.reject(Object.assign(new Error(`${content.code}: ${path}`), content));
  });
}

/** All problems of a configuration; none when it can be used. */
export async function problemsOf(given: Given): Promise<readonly string[]> {
  try {
    await settingsFrom(given);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

/** The problems of a file called config.yaml. */
export function problemsOfFile(text: string): Promise<readonly string[]> {
  return problemsOf({ argv: ['--config.file=config.yaml'], files: { 'config.yaml': text } });
}
