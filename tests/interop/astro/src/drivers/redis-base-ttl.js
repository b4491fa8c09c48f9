import redis from 'unstorage/drivers/redis';

export default () => redis({ url: process.env.REDIS_URL, base: 'astro:sess:', ttl: 90 });
