import { FINGERPRINT_MISMATCH } from '../../src/retrieval/fingerprint.ts';
import { createApiClient, describeFailure } from '../api-client.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { parsePort } from '../connection.ts';
import { describeAnswer } from '../describe-answer.ts';
import { describeSummary, ingestDocuments } from '../ingest/ingest-documents.ts';
import { aborted, watchForInterruption } from '../interruption.ts';
import type { Output } from '../output.ts';
import { JSON_OPTION, STATE_OPTION, stateDirectory } from '../project.ts';
import { type Stack, startStack } from '../stack/local-stack.ts';
import { SAMPLE_NAMESPACE, SAMPLE_QUESTION, sampleDocuments } from '../stack/sample-documents.ts';

const SAMPLE_TIMEOUT_MS = 10 * 60_000;

export const startCommand = defineCommand({
  name: 'start',
  summary: 'Run Vigil on this machine, load its own documentation and answer one question; Ctrl-C stops it.',
  arguments: '[options]',
  options: {
    port: { type: 'string', value: 'PORT', description: 'where the API listens; 0 is any free one', default: '8787' },
    once: { type: 'boolean', description: 'stop after the answer: exit code 0, or 1 if anything failed' },
    state: STATE_OPTION,
    'breakable-bindings': { type: 'boolean', description: 'let `fault` and `latency` reach D1 and KV too' },
    var: {
      type: 'string',
      value: 'KEY=VALUE',
      multiple: true,
      description: 'a variable of the Workers; may be repeated',
    },
    json: JSON_OPTION,
  },
  examples: ['npm start', 'npm start -- --once', 'npm start -- --port 9000 --state /tmp/vigil'],
  run: async ({ options, output }) => {
    const port = parsePort(options.port);
    const variables = parseVariables(options.var);
    const stateDir = stateDirectory(options.state);
    const interruption = watchForInterruption();
    const { signal } = interruption;
    let stack: Stack | null = null;
    try {
      stack = await startStack({
        stateDir,
        port,
        variables,
        breakableBindings: options['breakable-bindings'],
        signal,
        report: (step) => output.line(step),
      });
      announce(stack, output);
      const isDone = await demonstrate(stack, stateDir, output, signal);
      if (options.once) return isDone ? EXIT.ok : EXIT.failed;
      printExamples(stack, output);
      const failure = await Promise.race([aborted(signal), stack.failed]);
      if (failure === undefined) return interruption.exitCode();
      output.problem(failure);
      return EXIT.failed;
    } catch (error) {
      // What was cut short by the interruption fails in many ways; none of them is news.
      if (signal.aborted) return interruption.exitCode();
      throw error;
    } finally {
      await stack?.stop();
    }
  },
});

function parseVariables(pairs: string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || value === undefined) throw new UsageError(`'${pair}' is not KEY=VALUE`);
      return [name, value];
    }),
  );
}

function announce({ url, key }: Stack, output: Output): void {
  output.record({ event: 'listening', url, key });
  output.line(`\nVigil listens at ${url}\nKey: ${key}\n`);
}

/** Documents through the queue, then a question about them; says whether both worked. */
async function demonstrate(stack: Stack, stateDir: string, output: Output, signal: AbortSignal): Promise<boolean> {
  const client = createApiClient(stack, signal);
  const summary = await ingestDocuments({
    client,
    namespace: SAMPLE_NAMESPACE,
    documents: sampleDocuments(),
    output,
    timeoutMs: SAMPLE_TIMEOUT_MS,
  });
  output.record({ event: 'loaded', namespace: SAMPLE_NAMESPACE, ...summary });
  output.line(`Sample documents in ${SAMPLE_NAMESPACE}: ${describeSummary(summary)}\n\n> ${SAMPLE_QUESTION}\n`);
  if (summary.failed.some(({ message }) => message.startsWith(FINGERPRINT_MISMATCH))) {
    output.problem(`${stateDir} was filled by another version or another model. Delete it, or give another --state.`);
  }

  const answered = await client.answer(SAMPLE_NAMESPACE, SAMPLE_QUESTION);
  if (!answered.ok) {
    output.problem(describeFailure(answered.error));
    return false;
  }
  output.record({ event: 'answered', answer: answered.value.raw });
  output.line(describeAnswer(answered.value.value));
  return summary.failed.length === 0 && !answered.value.value.refused;
}

function printExamples({ url, key }: Stack, output: Output): void {
  const namespace = `${url}/v1/namespaces/${SAMPLE_NAMESPACE}`;
  output.line(`
Ask something yourself:
  curl ${namespace}/answer -H 'Authorization: Bearer ${key}' \\
    -H 'Content-Type: application/json' -d '{"question": "How long is a vector cached?"}'
Add a document:
  curl -T README.md ${namespace}/documents/my-readme -H 'Authorization: Bearer ${key}' \\
    -H 'Content-Type: text/markdown'

Ctrl-C stops everything; the data stays.`);
}
