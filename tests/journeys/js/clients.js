// The official Socket.IO client, as many of it as a test wants. A test writes one JSON object a line and reads one a
// line: what each client hears, and the answer to each line that carries a `reply` number.
//
// Times are the machine's monotonic clock in seconds, the one that Python's time.monotonic() reads on Linux.

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const ACK_TIMEOUT = 10_000;
const sockets = new Map();

function say(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

function open({ client, url, options, hears }) {
  const socket = io(`${url}/live`, { forceNew: true, ...options });
  const wanted = hears && new Set(hears);
  const tell = (event, args) => {
    if (!wanted || wanted.has(event)) {
      say({ client, event, args, at: Number(process.hrtime.bigint()) / 1e9 });
    }
  };
  sockets.set(client, socket);
  socket.io.on("open", () => {
    const engine = socket.io.engine;
    tell("_transport", [engine.transport.name]);
    engine.on("upgrade", (transport) => tell("_transport", [transport.name]));
  });
  socket.on("connect", () => tell("_connect", [socket.io.engine.transport.name]));
  socket.on("connect_error", (error) => tell("_connect_error", [{ message: error.message, data: error.data }]));
  socket.on("disconnect", (reason) => tell("_disconnect", [reason]));
  socket.onAny((event, ...args) => tell(event, args));
}

const acts = {
  open,
  emit({ client, event, args }) {
    sockets.get(client).emit(event, ...args);
  },
  ask({ client, event, args, reply }) {
    sockets
      .get(client)
      .timeout(ACK_TIMEOUT)
      .emit(event, ...args, (error, answer) => say({ reply, error: error?.message, answer }));
  },
  // Code as an application would have it, with its socket in the variable `socket`.
  paste({ client, code }) {
    new Function("socket", code)(sockets.get(client));
  },
  close({ client }) {
    sockets.get(client).close();
  },
};

// The test is gone, or done: so are its clients, with a proper goodbye.
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const order = JSON.parse(line);
  acts[order.act](order);
});
lines.on("close", () => {
  sockets.forEach((socket) => socket.close());
  // Acknowledgements that never came would keep the process for as long as they may be waited for.
  setTimeout(() => process.exit(), 500).unref();
});
