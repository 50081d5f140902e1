import { failureText } from '@gatehouse/platform';
import { describeResources, type Resource } from '../resource/resource.js';

/** The `describe` command of an app: the descriptors of its resources as JSON on standard output, or why not, and 1. */
export function printDescription(resources: readonly Resource[], publicUrl: () => string): void {
  try {
    process.stdout.write(`${JSON.stringify(describeResources(publicUrl(), resources), null, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${failureText(error)}\n`);
    process.exitCode = 1;
  }
}
