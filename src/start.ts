#!/usr/bin/env node
// The entry of the built program: loads it with what V8 compiled of it when it was built, which takes a fraction of
// the time of compiling. On another Node, another machine or with flags for V8 that code does not fit: V8 compiles.
import { readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

// Compiled code belongs to the flags it was compiled under, so they are set before it is loaded.
// V8 would let the garbage of a poll pile up to several times what the program needs.
setFlagsFromString('--heap-growing-percent=50');
// It would optimize the parser behind fetch, one WebAssembly function, and not give back what that takes: 9 MB.
setFlagsFromString('--wasm-tiering-budget=1000000000');

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
