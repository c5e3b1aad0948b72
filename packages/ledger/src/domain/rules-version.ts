/**
 * Counts the changes of rules that show in results or in the state: blocks that ran by other rules cannot be run again
 * and compared. Whoever changes such a rule raises it; a fixture of each version is kept with the tests.
 *
 * - 1: until 0.1.0
 * - 2: grants and fee allowances whose time is over are gone
 */
export const RULES_VERSION = 2;
