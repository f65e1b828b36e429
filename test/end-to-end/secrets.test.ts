// Runs the program through all that it writes and answers, against an API that repeats token, key and secret in every
// way it can, and looks for them in every byte.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../at-end.ts';
import { statesIn } from '../state/states-in.ts';
import { eventually } from './eventually.ts';
import { row, send, startHostileApi, type Answer, type HostileApi } from './hostile/api.ts';
import { serve, startProgram, type RunningProgram } from './running-program.ts';

const apiKey = 'APIkeyOfThisTest';
/** Shorter than what is taken for a secret by its looks: it must be known to be hidden. */
const shortSecret = 'hunter2_hunter2-hunter2';
const longSecret = 'kXh3VQ0mTz7pYw9sRb2NfLc5GdJ8aE4u6Ko1iUtBvPq';
const fileSecret = 'a-secret-that-stands-in-a-file-of-its-own';
const proxyPassword = 'password-of-the-proxy';
const secretsInTurn = [shortSecret, longSecret, fileSecret];
const configured = [...secretsInTurn, proxyPassword];

/** Says everything it knows, as one text. */
type Echo = (everything: string, token: string) => { readonly body?: string; readonly head: string };

const echoes: Readonly<Record<string, Echo>> = {
  '401': (all) => ({ head: `HTTP/1.1 401 No\r\nWWW-Authenticate: ${all}`, body: all }),
  '401 JSON': (all) => ({ head: 'HTTP/1.1 401 No', body: JSON.stringify({ code: all, msg: [all] }) }),
  '401 reason': (_all, token) => ({ head: `HTTP/1.1 401 ${token}` }),
  '401 spaced': (all) => ({ head: 'HTTP/1.1 401 No', body: all.split('').join('\u200b') }),
  '401 late': (all) => ({ head: 'HTTP/1.1 401 No', body: `${'\u0000'.repeat(4080)}${all}` }),
  '403 plan': (all) => ({ head: 'HTTP/1.1 403 No', body: `upgrade your plan, ${all}` }),
  '404': (all) => ({ head: 'HTTP/1.1 404 No', body: `<p>${all}</p>` }),
  '429': (all, token) => ({ head: `HTTP/1.1 429 No\r\nRetry-After: ${token}`, body: all }),
  '500': (all) => ({ head: 'HTTP/1.1 500 No', body: `Error: ${all}\n    at request (/srv/${all}:1:2)` }),
  '500 Base64': (all) => ({ head: 'HTTP/1.1 500 No', body: Buffer.from(all).toString('base64') }),
  redirect: (_all, token) => ({
    head: `HTTP/1.1 302 No\r\nLocation: https://a.invalid/?access_token=${token}`,
  }),
  'no JSON': (all) => ({ head: 'HTTP/1.1 200 OK', body: all }),
  'an error': (all) => ({ head: 'HTTP/1.1 200 OK', body: JSON.stringify({ errors: [{ message: all }] }) }),
  'another shape': (all) => ({ head: 'HTTP/1.1 200 OK', body: JSON.stringify({ sessions: all }) }),
  'another coding': (_all, token) => ({ head: `HTTP/1.1 200 OK\r\nContent-Encoding: ${token}` }),
  'a header name': (_all, token) => ({ head: `HTTP/1.1 200 OK\r\n${token} : x` }),
  'no HTTP': (all) => ({ head: all }),
  rows: (all) => ({
    head: 'HTTP/1.1 200 OK',
    body: `{"sessions":[${row({ sessionId: 'a', createdAt: all })},${row({ sessionId: `${all}${all}` })},"${all}"]}`,
  }),
};

/** Everything that was ever written, answered or kept. */
let seen: string[];
let folder: string;
let api: HostileApi;

beforeEach(async () => {
  seen = [];
  folder = temporaryFolder();
  const answers = Object.entries(echoes).map(([name, echo], index): [string, Answer] => [
    name,
    (exchange) => {
      const token = exchange.authorization.replace('Bearer ', '');
      const { head, body = '' } = echo(`${token} ${secretsInTurn[index % 3] ?? ''}`, token);
      send(exchange, body, head);
    },
  ]);
  api = await startHostileApi(new Map(answers), onTestFinished);
});

/** A file of projects that are answered with the echoes, and the files it needs. */
function writeConfiguration(): string {
  writeFileSync(join(folder, 'secret'), fileSecret);
  const secrets: object[] = [
    { api_secret: shortSecret },
    { api_secret: longSecret },
    { api_secret_file: 'secret' },
  ];
  const projects = Object.keys(echoes).map((name, index) => ({
    name,
    id: `p_${String(index)}`,
    api_key: apiKey,
    ...secrets[index % 3],
    api: { url: api.url(name) },
  }));
  const path = join(folder, 'config.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify({ projects }));
  return path;
}

/** Every path, good or bad, by every method that may be asked; with the headers of the answers. */
async function askEverything(program: RunningProgram): Promise<void> {
  const url = await program.url();
  for (const path of [
    '/',
    '/metrics',
    '/sd',
    '/-/healthy',
    '/-/ready',
    '/-/reload',
    '/nothing',
    '/metrics?a=b',
    '/%zz',
  ]) {
    for (const method of ['GET', 'POST']) {
      const accept = 'application/openmetrics-text;version=1.0.0';
      const response = await fetch(url + path, {
        method,
        headers: { accept, 'accept-encoding': 'identity' },
      });
      seen.push(JSON.stringify([...response.headers]), await response.text());
    }
  }
}

/** What the system shows of the process to everybody: its command line, its name. */
function lookAtProcess({ pid }: RunningProgram): void {
  for (const file of ['cmdline', 'comm', 'status'])
    seen.push(readFileSync(`/proc/${String(pid)}/${file}`, 'utf8'));
}

/** Fails when any of the secrets, or a part of a token that arrived, is in what was seen. */
function expectNothingSecret(): void {
  const text = seen.join('\n');
  const tokens = [...api.authorizations].map((value) => value.replace('Bearer ', ''));
  const secrets = [...configured, ...tokens, ...tokens.flatMap((token) => token.split('.'))].filter(Boolean);
  const encoded = secrets.flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ]);
  for (const secret of new Set(encoded)) expect(text.includes(secret), `"${secret}" was shown`).toBe(false);
  expect(text).not.toMatch(/hunter2|eyJ[\w-]{6,}/);
}

describe('no secret is shown', () => {
  it.each(['logfmt', 'json'])('by a program that runs, and logs all there is in %s', async (format) => {
    const state = join(folder, 'state');
    mkdirSync(state);
    const program = serve(
      { HTTP_PROXY: `http://user:${proxyPassword}@127.0.0.1:9`, NO_PROXY: '127.0.0.1' },
      {
        'config.file': writeConfiguration(),
        'state.dir': state,
        'log.level': 'debug',
        'log.format': format,
        'api.page-size': '10',
      },
    );
    await program.ready();
    // Node would open its inspector, which shows all of the memory.
    program.signal('SIGUSR1');
    await askEverything(program);
    lookAtProcess(program);
    // From now on the secret cannot be read, then it is no secret any more.
    const secret = join(folder, 'secret');
    rmSync(secret);
    await eventually(() => expect(program.errorOutput).toMatch(/secret could not be read/));
    writeFileSync(secret, `${fileSecret}\n${fileSecret}`);
    await eventually(() => expect(program.errorOutput).toMatch(/a line break/));
    await askEverything(program);

    api.behave();
    await eventually(() => expect(statesIn(state)).not.toEqual([]));
    program.signal('SIGHUP');
    await askEverything(program);
    program.signal('SIGTERM');
    await program.exit();
    seen.push(program.said, ...statesIn(state));

    expect(api.authorizations.size).toBeGreaterThan(0);
    // They were there to be shown: the words around them are.
    expect(seen.join()).toContain('upgrade your plan');
    expect(seen.join()).toContain('[redacted]');
    expect(program.errorOutput).not.toContain('Debugger');
    expectNothingSecret();
  });

  it('by one poll', async () => {
    const program = startProgram(['once', `--config.file=${writeConfiguration()}`, '--log.level=debug']);
    expect(await program.exit()).toBe(1);
    seen.push(program.said);
    expectNothingSecret();
  });

  it.each<[string, string[], Record<string, string>, number]>([
    [
      'a flag that is none, one with a blank, and a command that is none',
      [`--api.secret=${longSecret}`, '--api-secret', longSecret, longSecret],
      {},
      3,
    ],
    [
      'a path, an address and a level that are none, passwords in URLs, line breaks, and the secret twice',
      [`--web.telemetry-path=${longSecret}`, `--web.listen-address=${longSecret}`],
      {
        LIVEKIT_EXPORTER_LOG_LEVEL: longSecret,
        LIVEKIT_ANALYTICS_URL: `https://user:${proxyPassword}@host`,
        HTTPS_PROXY: `ftp://user:${proxyPassword}@host`,
        LIVEKIT_API_SECRET: `${longSecret}\n`,
        LIVEKIT_API_SECRET_FILE: longSecret,
        LIVEKIT_PROJECT_NAME: `${longSecret}\n`,
      },
      8,
    ],
    [
      'a token in the URL, and the secret as the path of its file',
      [],
      {
        LIVEKIT_ANALYTICS_URL: `https://host/?token=${longSecret}`,
        LIVEKIT_API_SECRET: '',
        LIVEKIT_API_SECRET_FILE: longSecret,
      },
      2,
    ],
    ['the secret as the id', [], { LIVEKIT_PROJECT_ID: longSecret }, 1],
  ])('by what is said about %s', async (_name, argv, environment, problems) => {
    const program = startProgram(argv, {
      LIVEKIT_PROJECT_ID: 'p_1',
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: longSecret,
      LIVEKIT_EXPORTER_CONFIG_CHECK: 'true',
      ...environment,
    });
    await program.exit();
    expect(program.errorOutput.match(/^ {2}\S/gm), program.errorOutput).toHaveLength(problems);
    seen.push(program.said);
    expectNothingSecret();
  });
});
