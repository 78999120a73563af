/** https://upstash.com/docs/redis/overall/billing: 10 MB a request, 100 MB a record, on the free and the pay-as-you-go plan. */
export const MAX_REQUEST_BYTES = 10 * 1024 * 1024;
export const MAX_RECORD_BYTES = 100 * 1024 * 1024;
/** https://upstash.com/docs/redis/troubleshooting/max_key_size_exceeded and …/max_member_size_exceeded */
export const MAX_KEY_BYTES = 32 * 1024;
export const MAX_MEMBER_BYTES = 32 * 1024;
/** Monthly commands of the free plan. */
export const MONTHLY_COMMANDS = 500_000;
