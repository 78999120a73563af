import type { Command } from './command.ts';
import { COUNTER_COMMANDS } from './counters.ts';
import { EXPIRY_COMMANDS } from './expiries.ts';
import { GENERIC_COMMANDS } from './generic.ts';
import { HASH_COMMANDS } from './hashes.ts';
import { SCAN_COMMANDS } from './scans.ts';
import { SERVER_COMMANDS } from './server.ts';
import { SET_COMMANDS } from './sets.ts';
import { STRING_COMMANDS } from './strings.ts';

/** Every command the emulator answers, by lower-case name. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  [
    STRING_COMMANDS,
    EXPIRY_COMMANDS,
    COUNTER_COMMANDS,
    HASH_COMMANDS,
    SET_COMMANDS,
    SCAN_COMMANDS,
    GENERIC_COMMANDS,
    SERVER_COMMANDS,
  ].flatMap((table) => Object.entries(table)),
);
