// The thread that compares one password with its hash. A file of its own in the built program; src/http/basic-auth.ts
// starts it.
import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

const { password, hash } = workerData as { readonly password: string; readonly hash: string };
parentPort?.postMessage(compareSync(password, hash));
