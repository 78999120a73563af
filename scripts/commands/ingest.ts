import { readFileSync } from 'node:fs';
import { createApiClient } from '../api-client.ts';
import { CommandFailure, defineCommand, EXIT, UsageError } from '../command.ts';
import { CONNECTION_OPTIONS, requiredNamespace, resolveConnection } from '../connection.ts';
import { parseDurationMs } from '../duration.ts';
import { describeLeftOut, findDocuments } from '../ingest/find-documents.ts';
import { describeSummary, ingestDocuments } from '../ingest/ingest-documents.ts';
import { JSON_OPTION } from '../project.ts';

export const ingestCommand = defineCommand({
  name: 'ingest',
  summary: 'Put files and folders into a namespace and wait until they are searchable.',
  arguments: 'PATH… --namespace NAME',
  options: {
    namespace: { type: 'string', value: 'NAME', description: 'where to put them; the first document creates it' },
    timeout: { type: 'string', value: 'TIME', description: 'how long to wait for all of them', default: '30m' },
    ...CONNECTION_OPTIONS,
    json: JSON_OPTION,
  },
  examples: [
    'npm run ingest -- ../handbook --namespace handbook',
    "npm run ingest -- 'guides/**/*.md' --namespace handbook",
  ],
  run: async ({ options, positionals, output }) => {
    if (positionals.length === 0) throw new UsageError('name at least one file, folder or glob');
    const namespace = requiredNamespace(options.namespace);
    const timeoutMs = parseDurationMs(options.timeout);
    const found = findDocuments(positionals);
    if (!found.ok) throw new CommandFailure(found.error);
    for (const line of describeLeftOut(found.value.leftOut)) output.line(line);
    const summary = await ingestDocuments({
      client: createApiClient(resolveConnection(options)),
      namespace,
      documents: found.value.documents.map(({ id, path, contentType }) => ({
        id,
        read: () => ({ id, contentType, body: readFileSync(path) }),
      })),
      output,
      timeoutMs,
    });
    output.record(summary);
    output.line(describeSummary(summary));
    return summary.failed.length === 0 ? EXIT.ok : EXIT.failed;
  },
});
