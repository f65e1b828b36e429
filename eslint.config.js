import { posix } from 'node:path';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The architecture: what each folder may import beside itself. Data flows one way, livekit -> core -> exposition; the
 * outer folders never meet. `exporter` and `commands` assemble and may import everything. The boards know metrics by
 * name alone: tests check these names against the tables of the program.
 */
const mayImport = {
  'src/lib': [],
  'src/core': [],
  'src/livekit/wire': ['src/core', 'src/lib'],
  'src/livekit/client': ['src/livekit/wire', 'src/core', 'src/lib', 'src/network'],
  'src/livekit/list': ['src/livekit/client', 'src/livekit/wire', 'src/core', 'src/lib'],
  'src/livekit/live': ['src/livekit/client', 'src/livekit/wire', 'src/core', 'src/lib'],
  'src/poll': ['src/core', 'src/lib'],
  'src/exposition': ['src/core', 'src/lib'],
  'src/history': ['src/livekit', 'src/exposition', 'src/core', 'src/lib'],
  'src/push': ['src/config', 'src/http', 'src/core', 'src/exposition', 'src/lib'],
  'src/state': ['src/lib'],
  'src/http': ['src/poll', 'src/core', 'src/exposition', 'src/state', 'src/web-config', 'src/lib'],
  'src/network': ['src/lib'],
  'src/config': ['src/network', 'src/lib'],
  'src/web-config': ['src/config', 'src/lib'],
  'src/doctor': ['src/livekit', 'src/network', 'src/config', 'src/exporter', 'src/core', 'src/lib'],
  'src/simulator': ['src/livekit/wire', 'src/lib'],
  'grafana/src/parts': [],
};

const layers = Object.entries(mayImport).map(([folder, others]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\.\\/(?!(${others.map((other) => escape(posix.relative(`${folder}/..`, other))).join('|') || 'none'})\\/)`,
            message: `${folder} may import only: ${others.join(', ') || 'nothing else'}.`,
          },
        ],
      },
    ],
  },
}));

function escape(path) {
  return path.replaceAll(/[./]/g, '\\$&');
}

const impure = ['performance', 'process', 'console', 'fetch', 'Buffer', 'setTimeout', 'setInterval'];

export default tseslint.config(
  { ignores: ['dist', '.build', 'coverage'] },
  eslint.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
    },
  },
  ...layers,
  {
    // Time, input and output come into the core as values: that is what makes it testable as tables.
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...[...impure, 'setImmediate', 'queueMicrotask']],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
      ],
      'no-restricted-syntax': ['error', 'NewExpression[callee.name="Date"][arguments.length=0]'],
    },
  },
  {
    // Only main.ts knows the process: its arguments, environment, streams, signals and exit code. start.ts loads it.
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/start.ts', 'src/core/**'],
    rules: { 'no-restricted-globals': ['error', 'process', 'console'] },
  },
  {
    files: ['{test,tools}/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
);
