// Begins a job and never ends it, to be killed: `node --conditions=@resift/source --import tsx hanging-worker.ts <redis url> <prefix>`.
import { redisJobs } from '../redis/redis-jobs.ts';
import { openSharedRedis } from '../redis/shared-redis.ts';

const [url, prefix] = process.argv.slice(2);
redisJobs(
  await openSharedRedis(url!, { limitMs: 2_000 }),
  prefix!,
  async () => {
    process.stdout.write('begun\n');
    return new Promise(() => {});
  },
  { lockMs: 1_000 },
);
