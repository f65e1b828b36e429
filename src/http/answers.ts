// What all answers have in common.
import type { FastifyReply } from 'fastify';

export const everyAnswer = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** Answers one line, or several, of plain text. */
export function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .code(status)
    .headers({ ...everyAnswer, 'content-type': 'text/plain; charset=utf-8' })
    .send(`${text}\n`);
}
