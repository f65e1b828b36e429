// Understands the command line: which command, which flags. What the flags' values mean is not decided here.
import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';
import { nearMiss } from './nearest.ts';
import { flagKeys, flagName, keyNamed } from './setting-names.ts';
import { commandNames } from './setting.ts';
import type { Command } from './setting.ts';
import { setting } from './settings-table.ts';
import type { Key } from './settings-table.ts';

/** What was written behind each flag, in order; a switch reads `true` or `false`. */
export type Flags = ReadonlyMap<Key, readonly string[]>;

export interface CommandLine {
  readonly command: Command;
  readonly flags: Flags;
  readonly help: boolean;
  readonly version: boolean;
}

/** A flag is repeated in an error only when it looks like one; a value behind `=` never is. */
const harmlessFlag = /^--?[a-z][a-z._-]{0,40}$/i;

const switches = flagKeys.filter((key) => setting(key).kind.flag === 'switch').map(flagName);
const negatedSwitches = switches.map((name) => `no-${name}`);
const flagNames = [...flagKeys.map(flagName), ...negatedSwitches, 'help', 'version'];

const options = Object.fromEntries(
  flagNames.map((name) => {
    const key = keyNamed(name, flagName);
    const type = key && !switches.includes(name) ? ('string' as const) : ('boolean' as const);
    return [name, name === 'help' ? { type, short: 'h' } : { type }];
  }),
);

/** Throws a UsageError with every mistake, unless help or the version is asked for. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  // Not strict: parseArgs would stop at the first mistake, and would repeat values.
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = new Words(argv);
  for (const token of tokens) {
    if (token.kind === 'positional') words.takeArgument(token.value, token.index);
    if (token.kind === 'option') words.takeFlag(token);
  }
  const commandLine = words.commandLine();
  const problems = new Set([...words.problems, ...misplacedFlags(commandLine)]);
  if (problems.size > 0 && !commandLine.help && !commandLine.version) throw new UsageError([...problems]);
  return commandLine;
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly index: number;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** What has been understood so far, going from word to word. */
class Words {
  readonly problems: string[] = [];
  readonly #argv: readonly string[];
  readonly #flags = new Map<Key, string[]>();
  readonly #asked = new Set<string>();
  #command: Command | undefined;
  /** Where the value of an unknown flag would stand. */
  #skip: number | undefined;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  commandLine(): CommandLine {
    return {
      command: this.#command ?? 'serve',
      flags: this.#flags,
      help: this.#asked.has('help'),
      version: this.#asked.has('version'),
    };
  }

  takeArgument(text: string, index: number): void {
    if (index === this.#skip) return;
    if (this.#command) {
      this.problems.push(`unexpected argument after the command ${this.#command}`);
      return;
    }
    this.#command = commandNames.find((name) => name === text);
    if (!this.#command) this.problems.push(unknownCommand(text));
  }

  takeFlag(token: OptionToken): void {
    const { name, index } = token;
    const key = keyNamed(negatedSwitches.includes(name) ? name.slice('no-'.length) : name, flagName);
    if (key) {
      this.#takeValue(key, token);
    } else if (!flagNames.includes(name)) {
      this.problems.push(unknownFlag(this.#argv[index] ?? token.rawName));
      this.#skip = token.inlineValue ? undefined : index + 1;
    } else if (token.value === undefined) {
      this.#asked.add(name);
    } else {
      this.problems.push(`--${name}: takes no value`);
    }
  }

  #takeValue(key: Key, { name, value, inlineValue }: OptionToken): void {
    const earlier = this.#flags.get(key) ?? [];
    if (earlier.length > 0 && setting(key).kind.flag !== 'repeatable') {
      this.problems.push(`--${flagName(key)}: given twice`);
    }
    let text = value;
    if (negatedSwitches.includes(name)) {
      if (value !== undefined) this.problems.push(`--${name}: takes no value`);
      text = 'false';
    } else if (switches.includes(name)) {
      text = value ?? 'true';
    } else if (value === undefined || (!inlineValue && value.startsWith('-'))) {
      this.problems.push(`--${name}: the value is missing; write --${name}=VALUE`);
    }
    this.#flags.set(key, [...earlier, text ?? '']);
  }
}

function misplacedFlags({ command, flags }: CommandLine): string[] {
  return [...flags.keys()]
    .filter((key) => !setting(key).commands.includes(command))
    .map((key) => {
      const owners = setting(key).commands.join(', ');
      return `--${flagName(key)}: not a flag of the command ${command}; it belongs to ${owners}`;
    });
}

function unknownCommand(written: string): string {
  const shown = /^[a-z-]{1,12}$/i.test(written) ? ` ${written}` : '';
  const meant = nearMiss(written, commandNames);
  const mend = meant ? `; did you mean ${meant}?` : ';';
  return `unknown command${shown}${mend} The commands are ${commandNames.join(', ')}`;
}

function unknownFlag(written: string): string {
  const flag = written.split('=', 1)[0] ?? '';
  const shown = harmlessFlag.test(flag) ? ` ${flag}` : '';
  const meant = nearMiss(flag, flagNames);
  return `unknown flag${shown}; ${meant ? `did you mean --${meant}?` : '--help shows all flags'}`;
}
