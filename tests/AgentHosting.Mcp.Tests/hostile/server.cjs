// A server over stdio that misbehaves in the way its argument names. It writes its process id, and those of what it starts, to PID_FILE.
const fs = require('node:fs');
const { spawn } = require('node:child_process');
const readline = require('node:readline');

const mode = process.argv[2];
const note = (pid) => fs.appendFileSync(process.env.PID_FILE, `${pid}\n`);
const answer = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
const noise = () => {
  process.stdout.write('Listening on port 3000\n{"half":\n\u0000\u0001\u0002\n[]\nnull\n42\n{}\n{"jsonrpc":"2.0","id":999,"result":{}}\n\n');
  process.stderr.write(`${'x'.repeat(1000)}\n`.repeat(2000));
};

note(process.pid);
if (mode === 'stubborn') {
  process.on('SIGTERM', () => {});
  process.on('SIGINT', () => {});
  note(spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { stdio: 'ignore' }).pid);
}

setInterval(() => {}, 1000);
const lines = readline.createInterface({ input: process.stdin });
lines.on('close', () => { if (mode === 'noisy') process.exit(0); });
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (mode === 'silent') return;
  if (mode === 'noisy') noise();
  if (method === 'initialize') answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: mode, version: '1' } });
  else if (method === 'tools/list') answer(id, { tools: [{ name: 'ping', inputSchema: { type: 'object' } }] });
  else if (method === 'tools/call') answer(id, { content: [{ type: 'text', text: 'pong' }] });
  else if (id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } })}\n`);
});
