// Loaded before the server, so that a test can end the process it has started: one line with the process id for each start.
require('node:fs').appendFileSync(process.env.PID_FILE, `${process.pid}\n`);
