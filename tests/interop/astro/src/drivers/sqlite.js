// unstorage's own driver over Node's own SQLite; a driver for Astro is a function, a database is not plain data.
import nodeSqlite from 'db0/connectors/node-sqlite';
import { createDatabase } from 'db0';
import db0 from 'unstorage/drivers/db0';

export default () => {
	const database = createDatabase(nodeSqlite({ path: process.env.SQLITE_PATH }));
	// Without it a request fails at once ("database is locked") when another process is writing.
	database.exec('PRAGMA busy_timeout = 5000');
	return db0({ database });
};
