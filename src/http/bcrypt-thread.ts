// The thread that compares passwords: answers each with whether it belongs to its hash. A file of its own in the
// built program; src/http/password-thread.ts starts it.
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

parentPort?.on('message', ({ password, hash }: { readonly password: string; readonly hash: string }) => {
  parentPort?.postMessage(compareSync(password, hash));
});
