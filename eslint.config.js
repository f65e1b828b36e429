import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * The architecture as a table: what each folder of src, and of the source of the boards, may import. Everything else
 * is a lint error. Data flows one way: analytics -> core -> exposition; the two outer folders never meet. The boards
 * know metrics by their names alone: tests check these against the program's tables.
 */
const architecture = [
  { folder: 'core', folders: [], packages: ['lru-cache'] },
  { folder: 'answers', folders: [], packages: [] },
  {
    folder: 'analytics',
    folders: ['core', 'event-loop', 'network', 'answers'],
    packages: ['node:http', 'livekit-server-sdk', 'p-limit'],
  },
  {
    folder: 'network',
    folders: ['event-loop'],
    packages: [
      'node:crypto',
      'node:fs/promises',
      'node:http',
      'node:https',
      'node:net',
      'node:path',
      'node:stream',
      'node:tls',
      'node:zlib',
    ],
  },
  { folder: 'doctor', folders: ['core', 'log/unprintable\\.ts$'], packages: [] },
  { folder: 'poll', folders: ['core', 'event-loop', 'log/duration\\.ts$'], packages: ['p-limit'] },
  {
    folder: 'exposition',
    folders: ['core', 'event-loop'],
    packages: ['node:zlib', 'node:util', 'prom-client'],
  },
  {
    folder: 'http',
    folders: [],
    packages: [
      'node:crypto',
      'node:http',
      'node:http2',
      'node:https',
      'node:net',
      'node:path',
      'node:tls',
      'node:worker_threads',
      'bcryptjs',
      'fastify',
    ],
  },
  {
    folder: 'otlp',
    folders: ['core', 'event-loop', 'network', 'answers', 'log/duration\\.ts$'],
    packages: [
      'node:http',
      'node:util',
      'node:zlib',
      '@grpc/grpc-js',
      '@opentelemetry/otlp-transformer',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-metrics',
    ],
  },
  {
    folder: 'config',
    folders: [],
    packages: ['node:crypto', 'node:fs', 'node:util', 'node:path', 'node:net', 'yaml'],
  },
  {
    folder: 'web-config',
    folders: ['config'],
    packages: ['node:crypto', 'node:fs', 'node:path', 'node:tls', 'yaml'],
  },
  { folder: 'log', folders: [], packages: [] },
  {
    folder: 'state',
    folders: ['event-loop'],
    packages: [
      'node:crypto',
      'node:fs/promises',
      'node:net',
      'node:os',
      'node:path',
      'node:process',
      'node:timers/promises',
    ],
  },
  {
    folder: 'event-loop',
    folders: [],
    packages: ['node:async_hooks', 'node:perf_hooks', 'node:process', 'node:timers'],
  },
  {
    folder: 'simulator',
    folders: ['analytics/wire\\.ts$'],
    packages: ['node:http', 'node:zlib', 'node:net', 'livekit-server-sdk'],
  },
  { root: 'grafana/src', folder: 'parts', folders: [], packages: ['@grafana/grafana-foundation-sdk/\\w+'] },
  { root: 'grafana/src', folder: '{overview,room,usage,exporter}', folders: ['parts'], packages: [] },
];

function escape(text) {
  return text.replaceAll('/', '\\/');
}

const layers = architecture.map(({ root = 'src', folder, folders, packages }) => ({
  files: [`${root}/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^\\.\\.\\/(?!(${[...folders, 'none'].map((f) => (f.includes('$') ? escape(f) : `${escape(f)}\\/`)).join('|')}))`,
            message: `${root}/${folder} may import only: ${[folder, ...folders].join(', ')}.`,
          },
          {
            regex: `^(?!\\.|(${[...packages, 'none'].map(escape).join('|')})$)`,
            message: `${root}/${folder} may import only these packages: ${packages.join(', ') || 'none'}.`,
          },
        ],
      },
    ],
  },
}));

const impure = ['Date', 'performance', 'process', 'console', 'fetch', 'Buffer', 'setTimeout', 'setInterval'];

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
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    },
  },
  {
    // Only main.ts knows the process: its arguments, environment, streams, signals and exit code. start.ts loads it.
    files: ['src/**/*.ts'],
    ignores: ['src/main.ts', 'src/start.ts', 'src/core/**'],
    rules: { 'no-restricted-globals': ['error', 'process', 'console'] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', fetch: 'readonly' },
    },
  },
);
