#!/usr/bin/env node
// The entry of the built program: loads it with what V8 compiled of it when it was built, which takes a fraction of
// the time of compiling. On another Node, another machine or with flags for V8 that code does not fit: V8 compiles.
import { readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

const filename = join(__dirname, 'program.js');
/** V8 compares its version, but not the machine's architecture. */
const codeCache = join(__dirname, `program.${process.version}-${process.arch}.cache`);

// The bundle is ASCII.
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData: read(codeCache) });
const program = new Module(filename, module);
// What is loaded later requires it.
require.cache[filename] = program;
program.loaded = true;
(script.runInThisContext() as (exports: unknown, require: NodeJS.Require) => void)(program.exports, require);

// For the build.
module.exports = { script, codeCache };

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
