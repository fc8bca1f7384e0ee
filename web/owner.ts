/** Values of the installation that the pages are built for, as JSON (tools/owner.mjs); none for one machine. */
export const owner = JSON.parse(process.env.INFOCIG_OWNER ?? '{}') as Record<string, unknown>
