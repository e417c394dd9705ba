// What the programs of this folder share: plain answers, and a port by which tests steer them.
import { createHash } from "node:crypto";
import http from "node:http";

// The same GUID for the same address, always.
export function idOf(email) {
  const hex = createHash("sha256").update(email).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function readAll(stream) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
    stream.on("error", reject);
  });
}

export function send(response, status, what, headers = {}) {
  const body = typeof what === "string" ? what : JSON.stringify(what);
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers });
  response.end(body);
}

// POST /<name> with a JSON object calls commands[name] with it and answers what that returns.
export function control(port, commands) {
  http
    .createServer(async (request, response) => {
      try {
        const values = JSON.parse((await readAll(request)).toString() || "{}");
        const result = await commands[request.url.slice(1)](values);
        send(response, 200, JSON.stringify(result ?? null));
      } catch (error) {
        send(response, 500, error.stack);
      }
    })
    .listen(port, "127.0.0.1");
}
