/**
 * Counts the changes of rules that show in results or in the state: blocks that ran by other rules cannot be run again
 * and compared. Whoever changes such a rule raises it; a fixture of each version is kept with the tests.
 *
 * - 1: until 0.1.0
 * - 2: grants and fee allowances whose time is over are gone
 * - 3: amounts as Go writes them, addresses in upper case, URIs as Go reads them, authorizations to send; what does not
 *   decode is refused before it is charged; codes of grants, allowances and signatures as a node has them
 * - 4: keys of kinds that the ledger does not have are refused as another account's; grants for messages of modules it
 *   does not have are told apart from those of no message; account data is measured in bytes
 * - 5: a price without a number is kept as zero
 */
export const RULES_VERSION = 5;
