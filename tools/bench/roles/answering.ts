// How a process of ours answers the questions of the benchmark that started it.

/** Answers from now on, until the benchmark has gone. An answer must be fit for JSON. */
export function answerQuestions(answers: Readonly<Record<string, () => unknown>>): void {
  process.on('message', async (question: string) => {
    process.send?.((await answers[question]?.()) ?? null);
  });
  process.once('disconnect', () => process.exit());
}

/** Tells the benchmark where this process listens, on 127.0.0.1. */
export function announce(port: number): void {
  process.stdout.write(`address=127.0.0.1:${port}\n`);
}
