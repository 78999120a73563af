import { createApiClient } from '../api-client.ts';
import { defineCommand, EXIT, UsageError } from '../command.ts';
import { CONNECTION_OPTIONS, resolveConnection } from '../connection.ts';
import { parseDurationMs } from '../duration.ts';
import { JSON_OPTION } from '../project.ts';
import { describeReport } from '../reconcile/describe-report.ts';
import { followReconciliation } from '../reconcile/follow-reconciliation.ts';

export const reconcileCommand = defineCommand({
  name: 'reconcile',
  summary: `Compare the catalog with every store, repair what differs, and print the report.
Exits with 1 when something is left to do.`,
  arguments: '[--namespace NAME] [--force]',
  options: {
    namespace: { type: 'string', value: 'NAME', description: 'compare this one only (default: all of them)' },
    force: { type: 'boolean', description: 'repair however much differs' },
    timeout: { type: 'string', value: 'TIME', description: 'how long to follow it', default: '1h' },
    ...CONNECTION_OPTIONS,
    json: JSON_OPTION,
  },
  examples: ['npm run reconcile', 'npm run reconcile -- --namespace handbook --force'],
  run: async ({ options, positionals, output }) => {
    if (positionals.length > 0) throw new UsageError('this command takes no arguments');
    const timeoutMs = parseDurationMs(options.timeout);
    const client = createApiClient(resolveConnection(options));
    const { namespace, force } = options;
    const report = await followReconciliation({ client, order: { namespace, force }, timeoutMs, output });
    output.record(report);
    output.line(describeReport(report));
    return report.state === 'finished' && report.advice === null && report.unrepaired === 0 ? EXIT.ok : EXIT.failed;
  },
});
