// The health check of the image, run as Docker runs it beside the built program: what it takes for life, and how it finds
// the address.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { temporaryFolder, type AtEnd } from '../at-end.ts';
import { Authority } from '../certificates.ts';
import { eventually } from './eventually.ts';
import { serve, type RunningProgram } from './running-program.ts';
import { shared } from './shared-run.ts';
import { environmentOf } from './simulated-api.ts';

const folder = temporaryFolder(afterAll);
Authority.root(folder, 'ca').server();

/** The exit code for a process with this command line, in a file as the system has it. */
function healthCheck(cmdline: string, environment: Readonly<Record<string, string>> = {}) {
  const [, command = ''] = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
  const [, script = ''] = JSON.parse(command) as string[];
  const file = script.replace('/app/', 'deploy/');
  return spawnSync(process.execPath, [file, cmdline], { env: environment }).status;
}

/** The program stands for the container's first process. */
function commandLineOf({ pid }: RunningProgram): string {
  return `/proc/${String(pid)}/cmdline`;
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

const hash = '$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq';
const users = `basic_auth_users: {alice: ${hash}}`;
const identity = 'cert_file: server.pem, key_file: server.key';

function start(address: string, webConfiguration: string, atEnd: AtEnd): RunningProgram {
  const file = join(folder, 'web.yml');
  writeFileSync(file, webConfiguration);
  const flags = { 'web.listen-address': address, 'web.config.file': file };
  const program = serve(environmentOf({ url: 'http://127.0.0.1:1' }), flags, atEnd);
  // What it serves cannot be read without a password.
  atEnd(async () => {
    program.signal('SIGKILL');
    await program.exit();
  });
  return program;
}

describe('finds the program alive', () => {
  const running = shared(async (atEnd) => {
    const port = await unusedPort();
    const program = start(`:${port}`, `${users}\nrate_limit: {interval: 1h, burst: 0}`, atEnd);
    await eventually(() => fetch(`http://localhost:${port}/-/healthy`));
    return { port, program };
  });

  it('with users and a rate limit', () => {
    expect(healthCheck(commandLineOf(running().program))).toBe(0);
  });

  it('with TLS, client certificates and users', async () => {
    const tls = `tls_server_config: {${identity}, client_auth_type: RequireAndVerifyClientCert}`;
    const program = start(`127.0.0.1:${await unusedPort()}`, `${tls}\n${users}`, onTestFinished);
    await program.url();
    expect(healthCheck(commandLineOf(program))).toBe(0);
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
  ])('at the address of $name', ({ args, environment }) => {
    const { port } = running();
    const cmdline = join(folder, 'cmdline');
    writeFileSync(cmdline, [process.execPath, 'dist/main.js', ...(args?.(port) ?? []), ''].join('\0'));
    expect(healthCheck(cmdline, environment?.(port))).toBe(0);
  });

  it('but not one that has stopped', () => {
    const { program } = running();
    program.signal('SIGSTOP');
    expect(healthCheck(commandLineOf(program))).toBe(1);
  });
});
