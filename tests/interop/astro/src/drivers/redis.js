// unstorage's own driver; the address is known only when the server starts.
import redis from 'unstorage/drivers/redis';

export default () => redis({ url: process.env.REDIS_URL });
