// Node's `ws` holding idle sockets, as its own documentation begins; NODE_PATH says where the package is.
const { createServer } = require("http");
const { WebSocketServer } = require("ws");

const server = createServer((request, response) => response.end("ok"));
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 4096 });
sockets.on("connection", (socket) => socket.on("message", (text) => socket.send(text)));
server.listen(Number(process.argv[2]), "127.0.0.1", 1024);
