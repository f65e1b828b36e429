// What identifies a project and signs its requests: the keys that only a project has, and their variables.
import { privateText } from './kinds.ts';
import type { Kind } from './kinds.ts';

export interface ProjectKey {
  readonly kind: Kind<string>;
  /** The variable for the one project that needs no file; with `_FILE` behind it the path of a file. */
  readonly variable: string;
  /** Whether the configuration file can name a file that holds the value, by the key with `_file` behind it. */
  readonly fromFile: boolean;
  readonly help: string;
}

const secret = privateText('printable characters without spaces', /^[!-~]+$/);

export const projectKeys = {
  name: {
    kind: privateText('any text in one line', /^/),
    variable: 'LIVEKIT_PROJECT_NAME',
    fromFile: false,
    help: 'Value of the label `project`, unique. In the environment it may be left out: it is the id then.',
  },
  id: {
    kind: privateText('letters, digits, _ and -', /^[\w-]+$/),
    variable: 'LIVEKIT_PROJECT_ID',
    fromFile: false,
    help: 'The id of the project, unique, for example `p_4k2j`.',
  },
  api_key: {
    kind: secret,
    variable: 'LIVEKIT_API_KEY',
    fromFile: true,
    help: 'An API key of the project.',
  },
  api_secret: {
    kind: secret,
    variable: 'LIVEKIT_API_SECRET',
    fromFile: true,
    help: 'The secret of that API key.',
  },
} as const satisfies Record<string, ProjectKey>;

export type ProjectKeyName = keyof typeof projectKeys;

/** How a name is called when the value stands in a file of its own. */
export function fileVariable(variable: string): string {
  return `${variable}_FILE`;
}

export function fileKey(key: ProjectKeyName): string {
  return `${key}_file`;
}

/** All keys of the file that only a project has. */
export const projectKeyNames: readonly string[] = Object.entries(projectKeys).flatMap(
  ([key, { fromFile }]) => (fromFile ? [key, fileKey(key as ProjectKeyName)] : [key]),
);

/** All variables that describe the one project. */
export const projectVariables: readonly string[] = Object.values(projectKeys).flatMap(({ variable }) => [
  variable,
  fileVariable(variable),
]);
