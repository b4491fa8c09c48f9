// unstorage with the drivers that Astro uses, driven by lines of JSON: {call, args} -> {result} or {error}.
// open(driver, options) -> number; get(number, key); set(number, key, value); setRaw(number, key, text); remove(number, key); keys(number).

import { createInterface } from "node:readline";
import { createDatabase } from "db0";
import { createStorage } from "unstorage";

console.warn = () => {}; // "Database driver is experimental"

const drivers = {
  fs: async (options) => (await import("unstorage/drivers/fs")).default(options),
  redis: async (options) => (await import("unstorage/drivers/redis")).default(options),
  sqlite: (options) => database(import("db0/connectors/node-sqlite"), options),
  postgresql: (options) => database(import("db0/connectors/postgresql"), options),
  mysql: (options) => database(import("db0/connectors/mysql2"), options),
};

async function database(module, { table, ...options }) {
  const driver = (await import("unstorage/drivers/db0")).default;
  return driver({ database: createDatabase((await module).default(options)), tableName: table });
}

const storages = [];

const calls = {
  open: async (name, options) => storages.push(createStorage({ driver: await drivers[name](options) })) - 1,
  get: (index, key) => storages[index].getItem(key),
  set: (index, key, value) => storages[index].setItem(key, value),
  setRaw: (index, key, text) => storages[index].setItemRaw(key, Buffer.from(text)),
  remove: (index, key) => storages[index].removeItem(key),
  keys: (index) => storages[index].getKeys(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, args } = JSON.parse(line);
  let answer;
  try {
    answer = { result: (await calls[call](...args)) ?? null };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
process.exit(0);
