// emulate's Google and Microsoft, each behind TLS.
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { send } from "./common.mjs";

const options = JSON.parse(process.argv[2]);
const { createEmulator } = await import(`${options.packages}/emulate/dist/api.js`);

const tls = { key: fs.readFileSync(options.key), cert: fs.readFileSync(options.cert) };
for (const service of ["google", "microsoft"]) {
  const front = options[service];
  const port = options[`${service}_plain`];
  await createEmulator({ service, port, baseUrl: `https://localhost:${front}`, seed: options.seed });
  https
    .createServer(tls, (request, response) => {
      const { url: path, method, headers } = request;
      const inner = http.request({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      inner.on("error", () => send(response, 502, {}));
      request.pipe(inner);
    })
    .listen(front, "127.0.0.1");
}
