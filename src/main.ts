// The process: arguments, environment, streams, signals, exit codes. The only file that knows them.
import { on, setMaxListeners } from 'node:events';
import { setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import closeWithGrace from 'close-with-grace';
import { once } from './commands/once.ts';
import { clearLine, type Program } from './commands/program.ts';
import { serve } from './commands/serve.ts';
import { helpText, parseCommandLine } from './config/command-line.ts';
import { loadSettings } from './config/load-settings.ts';
import { ConfigurationError } from './config/mistakes.ts';
import type { Command } from './config/section.ts';
import type { Settings } from './config/settings.ts';
import { checkStateFolder } from './state/state-folder.ts';
import { StateError } from './state/state-store.ts';
import { createLogger, type Logger } from './lib/logger.ts';
import { unixSeconds } from './lib/time.ts';
import { watchFiles } from './lib/watched-file.ts';

declare const __VERSION__: string;
declare const __REVISION__: string;

/** 0 fine; 1 could not start, or the check failed; 2 wrong usage. */
type ExitCode = 0 | 1 | 2;

/** After a signal; what has not stopped by then is ended with exit code 1. */
const stopMilliseconds = 10_000;

// Without a listener Node opens its inspector at this signal, to every user of the machine.
process.on('SIGUSR1', () => undefined);

// Node gives each address of a host 250 ms: less than a round trip to the other side of the world.
setDefaultAutoSelectFamilyAttemptTimeout(3000);

// A reader of the output that goes away is no failure.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

void main().then((exitCode) => {
  process.exitCode = exitCode;
});

async function main(): Promise<ExitCode> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.problems.length > 0) {
    complain('wrong usage', commandLine.problems);
    return 2;
  }
  if (commandLine.help) {
    process.stdout.write(helpText(commandLine.help));
    return 0;
  }
  if (commandLine.version) {
    process.stdout.write(
      `livekit-cloud-exporter ${__VERSION__} (revision ${__REVISION__}, node ${process.version})\n`,
    );
    return 0;
  }

  const files = watchFiles();
  /** Loaded only where there is such a file: it needs Node's TLS. */
  const checkWebConfig = async (path: string) => {
    const { readWebConfig } = await import('./web-config/read-web-config.ts');
    return (await readWebConfig(path, files.read)).problems;
  };
  const sources = { ...commandLine, environment: process.env, files, checkWebConfig };
  const given = { files, loadSettings: () => loadSettings(sources) };
  try {
    const settings = await given.loadSettings();
    if (!settings.config.check) return await runCommand(commandLine.command, settings, given);
    if (settings.state.dir !== '') await checkStateFolder(settings.state.dir);
    const names = settings.projects.map(({ name }) => name).join(', ');
    process.stdout.write(`The configuration is valid${names && `; projects: ${names}`}.\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof StateError)) throw error;
    const problems = error instanceof StateError ? [`state.dir: ${error.message}`] : error.problems;
    if (commandLine.command === 'doctor') {
      const { reportMistakes } = await import('./commands/doctor.ts');
      const [json] = commandLine.flags.get('json') ?? [process.env['LIVEKIT_EXPORTER_JSON']];
      return reportMistakes(problems, { json: json === 'true', output: process.stdout });
    }
    complain('cannot start: the configuration cannot be used', problems);
    return 1;
  }
}

async function runCommand(
  command: Command,
  settings: Settings,
  given: Pick<Program, 'files' | 'loadSettings'>,
): Promise<ExitCode> {
  const stop = new AbortController();
  // Each project listens.
  setMaxListeners(0, stop.signal);
  const log = createLogger({
    ...settings.log,
    write: (line) => void process.stderr.write(`${process.stderr.isTTY ? clearLine : ''}${line}\n`),
    now: unixSeconds,
  });
  let hasStarted = false;
  const program: Program = {
    ...given,
    version: __VERSION__,
    revision: __REVISION__,
    nodeVersion: process.version,
    environment: process.env,
    log,
    output: process.stdout,
    errorOutput: process.stderr,
    started: () => void (hasStarted = true),
    stop: stop.signal,
    // Listens at once and for all commands: else Node would end the process. While the program starts requests are kept.
    reloadRequests: on(process, 'SIGHUP'),
  };
  const ended = run[command](settings, program)
    .catch((error: unknown) => {
      logEnd(log, error, hasStarted ? 'Stopped' : 'cannot start');
      return 1;
    })
    .then(async (exitCode): Promise<ExitCode> => {
      if (exitCode !== 1) return 0;
      // After a failure nothing that is left over may keep the process alive.
      await Promise.all([written(process.stdout), written(process.stderr)]);
      return process.exit(exitCode);
    });
  const grace = closeWithGrace(
    // SIGHUP and SIGUSR2 are no requests to stop; an end without a signal needs no help.
    { delay: stopMilliseconds, skip: ['SIGHUP', 'SIGUSR2', 'beforeExit'], logger: false },
    async ({ signal, err }) => {
      if (err)
        log.error('Stopping because of a defect: please report it with this line', { err, stack: err.stack });
      else log.info('Stopping', { signal });
      stop.abort();
      await ended;
    },
  );
  const exitCode = await ended;
  if (!stop.signal.aborted) grace.uninstall();
  return exitCode;
}

/** What the system refuses has a code and is no defect: an address in use, say. */
function logEnd(log: Logger, error: unknown, what: string): void {
  const { cause = error, stack } = Object(error) as Partial<Error>;
  const isRefusal =
    error instanceof StateError ||
    error instanceof ConfigurationError ||
    (Object(cause) instanceof Error && 'code' in Object(cause));
  if (isRefusal) log.error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  else log.error('Stopped by a defect: please report it with this line', { err: error, stack });
}

/** Resolves to 1 when the command has failed. */
type Run = (settings: Settings, program: Program) => Promise<unknown>;

/** What not all commands need is loaded for those that do: for the others it would cost start-up time. */
const run: Record<Command, Run> = {
  serve,
  demo: async (...parts) => (await import('./commands/demo.ts')).demo(...parts),
  once,
  doctor: async (...parts) => (await import('./commands/doctor.ts')).doctor(...parts),
  history: async (...parts) => (await import('./commands/history.ts')).history(...parts),
  simulate: async (...parts) => (await import('./commands/demo.ts')).simulate(...parts),
};

function complain(what: string, problems: readonly string[]): void {
  const lines = problems.map((problem) => `  ${problem}\n`).join('');
  process.stderr.write(`livekit-cloud-exporter: ${what}:\n${lines}Try livekit-cloud-exporter --help.\n`);
}

/** Resolves once all output was read, or its reader has gone: an exit would cut it off. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()));
}
