import type { Command } from 'commander';

/** What every command understands. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document')
    .option('--jsonl', 'print one JSON event per line')
    .option('--data <dir>', 'where Rootcellar keeps its state (or ROOTCELLAR_DATA)')
    .exitOverride();
}
