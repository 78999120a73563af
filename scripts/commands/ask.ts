import { createApiClient, describeFailure } from '../api-client.ts';
import { CommandFailure, defineCommand, EXIT, UsageError } from '../command.ts';
import { CONNECTION_OPTIONS, requiredNamespace, resolveConnection } from '../connection.ts';
import { describeAnswer } from '../describe-answer.ts';
import { JSON_OPTION } from '../project.ts';

export const askCommand = defineCommand({
  name: 'ask',
  summary: 'Ask a question and print the answer with its citations.',
  arguments: '"QUESTION" --namespace NAME',
  options: {
    namespace: { type: 'string', value: 'NAME', description: 'the documents to answer from' },
    ...CONNECTION_OPTIONS,
    json: JSON_OPTION,
  },
  examples: ['npm run ask -- "How do I rotate a key?" --namespace handbook'],
  run: async ({ options, positionals, output }) => {
    const [question, ...rest] = positionals;
    if (question === undefined || rest.length > 0) throw new UsageError('give one question, in quotes');
    const namespace = requiredNamespace(options.namespace);
    const client = createApiClient(resolveConnection(options));
    const answered = await client.answer(namespace, question);
    if (!answered.ok) throw new CommandFailure(describeFailure(answered.error));
    if (output.json) output.record(answered.value.raw);
    else output.line(describeAnswer(answered.value.value));
    return EXIT.ok;
  },
});
