// The health check of the image, run as Docker runs it beside the built program: what it takes for life, and how it finds
// the address.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Authority, temporaryFolder } from '../certificates.ts';
import { eventually } from './eventually.ts';
import { startProgram, type RunningProgram } from './running-program.ts';

const folder = temporaryFolder();
Authority.root(folder, 'ca').server();

/** The exit code; the program stands for the container's first process. */
function healthCheck({ pid }: RunningProgram, environment: Readonly<Record<string, string>> = {}) {
  const [, command = ''] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  const [, script = ''] = JSON.parse(command) as string[];
  const file = script.replace('/app/', 'deploy/');
  return spawnSync(process.execPath, [file, `/proc/${String(pid)}/cmdline`], { env: environment }).status;
}

/** A port that nobody listens on, on any address: all of them are listened on. */
async function unusedPort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}

function demo(args: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningProgram {
  return startProgram(['demo', ...args], environment);
}

async function ended(program: RunningProgram): Promise<void> {
  program.signal('SIGKILL');
  await program.exit();
}

const hash = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const users = `basic_auth_users: {alice: ${hash}}`;
const identity = 'cert_file: server.pem, key_file: server.key';

describe('finds the program alive', () => {
  it.each([
    { name: 'users and a rate limit', text: `${users}\nrate_limit: {interval: 1h, burst: 0}` },
    { name: 'TLS and users', text: `tls_server_config: {${identity}}\n${users}` },
    {
      name: 'client certificates',
      text: `tls_server_config: {${identity}, client_auth_type: RequireAndVerifyClientCert}`,
    },
  ])('with $name', async ({ text }) => {
    const file = join(folder, 'web.yml');
    writeFileSync(file, text);
    const program = demo([
      '--web.listen-address=127.0.0.1:' + (await unusedPort()),
      `--web.config.file=${file}`,
    ]);
    await program.url();
    expect(healthCheck(program)).toBe(0);
    await ended(program);
  });

  it('but not one that has stopped', async () => {
    const program = demo(['--web.listen-address=127.0.0.1:' + (await unusedPort())]);
    await program.url();
    program.signal('SIGSTOP');
    expect(healthCheck(program)).toBe(1);
    await ended(program);
  });

  it.each<{
    name: string;
    args?: (port: string) => string[];
    environment?: (port: string) => Record<string, string>;
  }>([
    { name: 'one argument', args: (port) => [`--web.listen-address=:${port}`] },
    { name: 'two arguments', args: (port) => ['--web.listen-address', `127.0.0.1:${port}`] },
    { name: 'several arguments', args: (port) => [`--web.listen-address=[::]:${port}`, '--log.level=info'] },
    { name: 'the environment', environment: (port) => ({ LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS: `:${port}` }) },
    {
      name: 'arguments that win over the environment',
      args: (port) => [`--web.listen-address=localhost:${port}`],
      environment: () => ({ LIVEKIT_EXPORTER_WEB_LISTEN_ADDRESS: ':1' }),
    },
  ])('at the address of $name', async ({ args, environment }) => {
    const port = await unusedPort();
    const variables = environment?.(port) ?? {};
    const program = demo(args?.(port) ?? [], variables);
    await eventually(async () => fetch(`http://localhost:${port}/-/healthy`));
    expect(healthCheck(program, variables)).toBe(0);
    await ended(program);
  });
});
